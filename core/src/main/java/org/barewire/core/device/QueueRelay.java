package org.barewire.core.device;

import java.util.List;
import org.barewire.core.packet.Packet;

/// A relay over plain queues: a burst is received, handled, and sent on each output.
final class QueueRelay implements Relay {
    private static final int BURST = 64;

    private final RxQueue rx;
    private final TxQueue[] tx;
    private final PacketHandler handler;
    private final long[] received = new long[BURST];
    private final long[][] waiting;
    private final int[] count;

    private QueueRelay(RxQueue rx, TxQueue[] tx, PacketHandler handler) {
        this.rx = rx;
        this.tx = tx;
        this.handler = handler;
        this.waiting = new long[tx.length][BURST];
        this.count = new int[tx.length];
    }

    static QueueRelay open(
            NetDevice input, int rxQueue, List<? extends NetDevice> outputs, int txQueue, PacketHandler handler) {
        if (outputs.isEmpty() || outputs.size() > MAX_OUTPUTS) {
            throw new DeviceException("a relay has 1 to %d outputs, not %d".formatted(MAX_OUTPUTS, outputs.size()));
        }
        TxQueue[] tx = outputs.stream().map(device -> device.tx(txQueue)).toArray(TxQueue[]::new);
        return new QueueRelay(input.rx(rxQueue), tx, handler);
    }

    @Override
    public int poll(int max) {
        int n = rx.receive(received, 0, Math.min(max, BURST));
        for (int i = 0; i < n; i++) {
            long packet = received[i];
            int verdict = handler.handle(packet);
            dispatch(packet, PacketHandler.outputs(verdict), PacketHandler.length(verdict));
        }
        for (int output = 0; output < tx.length; output++) {
            if (count[output] > 0) {
                tx[output].sendOrRelease(waiting[output], count[output]);
                count[output] = 0;
            }
        }
        return n;
    }

    /// Sends a packet where the verdict says, as far as there are outputs: copies, and to the last one itself.
    private void dispatch(long packet, int outputs, int length) {
        int last = 31 - Integer.numberOfLeadingZeros(outputs & (1 << tx.length) - 1);
        if (last < 0) {
            Packet.release(packet);
            return;
        }
        long resized = Packet.resize(packet, length);
        for (int output = 0; output < last; output++) {
            if ((outputs >>> output & 1) != 0) {
                long copy = rx.pool().allocateCopy(resized); // counts it if none is left
                if (copy != 0) {
                    waiting[output][count[output]++] = copy;
                }
            }
        }
        waiting[last][count[last]++] = resized;
    }

    @Override
    public boolean inPlace() {
        return false;
    }

    @Override
    public QueueStatistics received() {
        return rx.statistics();
    }

    @Override
    public QueueStatistics sent(int index) {
        return tx[index].statistics();
    }

    /// The queues stay their devices'.
    @Override
    public void close() {}
}
