package org.barewire.sim;

import java.util.Arrays;
import org.barewire.drivers.ixgbe.Reg;

/// Counts frames (8.2.3.23). Lengths are those on the wire, with the check sequence. Guarded by the model's
/// lock.
final class Statistics {
    static final int GOOD_RECEIVED = 0;
    static final int GOOD_SENT = 1;
    static final int TOTAL_RECEIVED = 2;
    static final int DMA_RECEIVED = 3;
    static final int UNFILTERED_RECEIVED = 4;
    static final int DMA_SENT = 5;

    private static final int QUEUES = 16;
    private static final int QUEUE_RECEIVED = 6;
    private static final int QUEUE_SENT = QUEUE_RECEIVED + QUEUES;
    private static final int WIDE = QUEUE_SENT + QUEUES;
    private static final long WIDE_MASK = (1L << 36) - 1;

    private final RegisterFile registers;
    private final long[] wide = new long[WIDE];
    private final long[] latched = new long[WIDE];

    Statistics(RegisterFile registers) {
        this.registers = registers;
    }

    void reset() {
        Arrays.fill(wide, 0);
        Arrays.fill(latched, 0);
    }

    /// The lower half shows the counter, the upper half takes from it what the lower one showed.
    int readWide(int offset) {
        int counter = wideCounter(offset);
        if (isLower(offset)) {
            latched[counter] = wide[counter];
            return (int) wide[counter];
        }
        long taken = latched[counter] == 0 ? wide[counter] : latched[counter];
        wide[counter] -= taken;
        latched[counter] = 0;
        return (int) ((taken & WIDE_MASK) >>> 32);
    }

    void received(boolean multicast, boolean broadcast, int length) {
        registers.add(Reg.GPRC, 1);
        wide[GOOD_RECEIVED] += length;
        registers.add(sizeBucket(Reg.PRC64, length), 1);
        if (broadcast) {
            registers.add(Reg.BPRC, 1);
        } else if (multicast) {
            registers.add(Reg.MPRC, 1);
        }
    }

    void arrived(int length) {
        registers.add(Reg.TPR, 1);
        wide[TOTAL_RECEIVED] += length;
    }

    void unfiltered(int length) {
        registers.add(Reg.RXNFGPC, 1);
        wide[UNFILTERED_RECEIVED] += length;
    }

    /// QBRC counts what is posted to the queue (8.2.3.23.74): neither a check sequence nor a tag that is stripped.
    ///
    /// @param posted bytes in the host's memory
    void storedToHost(int queue, int length, int posted) {
        int counter = receiveCounter(queue);
        registers.add(Reg.qprc(counter), 1);
        wide[QUEUE_RECEIVED + counter] += posted;
        registers.add(Reg.RXDGPC, 1);
        wide[DMA_RECEIVED] += length;
    }

    void droppedForLackOfDescriptors(int queue) {
        registers.add(Reg.qprdc(receiveCounter(queue)), 1);
    }

    void sent(int queue, boolean multicast, boolean broadcast, int length) {
        registers.add(Reg.TPT, 1);
        registers.add(Reg.GPTC, 1);
        wide[GOOD_SENT] += length;
        registers.add(sizeBucket(Reg.PTC64, length), 1);
        if (broadcast) {
            registers.add(Reg.BPTC, 1);
        } else if (multicast) {
            registers.add(Reg.MPTC, 1);
        }
        int counter = registers.get(Reg.tqsm(queue >> 2)) >>> 8 * (queue & 3) & QUEUES - 1;
        registers.add(Reg.qptc(counter), 1);
        wide[QUEUE_SENT + counter] += length;
        registers.add(Reg.TXDGPC, 1);
        wide[DMA_SENT] += length;
    }

    private int receiveCounter(int queue) {
        return registers.get(Reg.rqsmr(queue >> 2)) >>> 8 * (queue & 3) & QUEUES - 1;
    }

    private static int sizeBucket(int first, int length) {
        if (length <= 64) {
            return first;
        }
        int bucket = 26 - Integer.numberOfLeadingZeros(length);
        return first + 4 * Math.min(bucket, 5);
    }

    private static boolean isLower(int offset) {
        return switch (offset) {
            case Reg.RXDGBCL, Reg.RXNFGBCL, Reg.TXDGBCL -> true;
            case Reg.RXDGBCH, Reg.RXNFGBCH, Reg.TXDGBCH -> false;
            default -> (offset & 4) == (offset < Reg.GORCL ? 4 : 0); // QBRC: +4 and +8, all others: +0 and +4
        };
    }

    private static int wideCounter(int offset) {
        return switch (offset) {
            case Reg.GORCL, Reg.GORCH -> GOOD_RECEIVED;
            case Reg.GOTCL, Reg.GOTCH -> GOOD_SENT;
            case Reg.TORL, Reg.TORH -> TOTAL_RECEIVED;
            case Reg.RXDGBCL, Reg.RXDGBCH -> DMA_RECEIVED;
            case Reg.RXNFGBCL, Reg.RXNFGBCH -> UNFILTERED_RECEIVED;
            case Reg.TXDGBCL, Reg.TXDGBCH -> DMA_SENT;
            default ->
                offset < Reg.qbtcl(0)
                        ? QUEUE_RECEIVED + (offset - Reg.qbrcl(0)) / 0x40
                        : QUEUE_SENT + (offset - Reg.qbtcl(0)) / 8;
        };
    }
}
