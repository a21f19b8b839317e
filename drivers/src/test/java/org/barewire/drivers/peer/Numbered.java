package org.barewire.drivers.peer;

import java.util.BitSet;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Numbered packets that are sent, and that must come back or arrive elsewhere: none lost, none twice, none changed.
///
/// Lengths and contents follow from the seed and a packet's number; all but the two Ethernet addresses is
/// compared. Belongs to one thread. Packets of other Ethernet types are released and not looked at.
///
/// ```java
/// Numbered packets = new Numbered(pool, 100_000, 60, 1514, 1);
/// packets.exchange(tx, rx, 200); // never more than 200 on their way
/// assertThat(packets.complaints()).isEmpty();
/// ```
public final class Numbered {
    /// For local experiments (IEEE 802).
    private static final int ETHER_TYPE = 0x88B5;

    private static final int HEADER = 22; // addresses, type, number
    private static final int BURST = 32;
    private static final int PATIENCE = 20_000_000; // polls without anything to receive

    private final PacketPool pool;
    private final int count;
    private final int shortest;
    private final int longest;
    private final long seed;
    private final BitSet seen = new BitSet();
    private final long[] out = new long[BURST];
    private final long[] in = new long[BURST];
    private final byte[] expected;
    private final byte[] actual;
    private int waiting; // in `out`
    private int made;
    private int sent;
    private int received;
    private String complaint = "";

    /// @param pool  of this thread; packets are made in it
    /// @param count how many packets
    public Numbered(PacketPool pool, int count, int shortest, int longest, long seed) {
        this.pool = pool;
        this.count = count;
        this.shortest = shortest;
        this.longest = longest;
        this.seed = seed;
        this.expected = new byte[longest + 8];
        this.actual = new byte[65536];
    }

    /// Sends all and receives all, or until nothing comes any more.
    ///
    /// @param window how many may be on their way
    public void exchange(TxQueue tx, RxQueue rx, int window) {
        for (int idle = 0; received < count && idle < PATIENCE; idle++) {
            send(tx, window);
            if (receive(rx) > 0) {
                idle = 0;
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /// Sends up to a burst, as long as no more than `window` are on their way; returns how many were.
    public int send(TxQueue tx, int window) {
        while (waiting < BURST && made < count && sent + waiting - received < window) {
            long packet = make(made);
            if (packet == 0) {
                tx.reclaim();
                break;
            }
            out[waiting++] = packet;
            made++;
        }
        int taken = tx.send(out, 0, waiting);
        System.arraycopy(out, taken, out, 0, waiting - taken);
        waiting -= taken;
        sent += taken;
        return taken;
    }

    /// Receives up to a burst, checks and releases it; returns how many there were.
    public int receive(RxQueue rx) {
        int n = rx.receive(in);
        for (int i = 0; i < n; i++) {
            check(in[i]);
            Packet.release(in[i]);
        }
        return n;
    }

    /// How many were taken by send queues.
    public int sent() {
        return sent;
    }

    /// How many have come back, each counted once.
    public int received() {
        return received;
    }

    /// What was wrong first, or an empty string; that some are missing only if nothing else was.
    public String complaints() {
        if (!complaint.isEmpty() || received == count) {
            return complaint;
        }
        return "%d of %d are missing, the first is number %d".formatted(count - received, count, seen.nextClearBit(0));
    }

    private long make(int number) {
        int length = content(number);
        long packet = pool.allocate();
        if (packet != 0) {
            packet = Packet.resize(packet, length);
            Packet.write(packet, 0, expected, 0, length);
        }
        return packet;
    }

    /// Puts a packet's content in `expected` and returns its length.
    private int content(int number) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        int length = random.nextInt(shortest, longest + 1);
        for (int i = 0; i < length; i += 8) {
            long word = random.nextLong();
            for (int b = 0; b < 8; b++) {
                expected[i + b] = (byte) (word >>> 8 * b);
            }
        }
        expected[0] = 2; // local, not multicast
        expected[6] = 2;
        expected[12] = (byte) (ETHER_TYPE >> 8);
        expected[13] = (byte) ETHER_TYPE;
        for (int b = 0; b < 8; b++) {
            expected[14 + b] = (byte) ((long) number >>> 8 * (7 - b));
        }
        return length;
    }

    private void check(long packet) {
        int length = gather(packet);
        if (length < HEADER || ((actual[12] & 0xFF) << 8 | actual[13] & 0xFF) != ETHER_TYPE) {
            return;
        }
        long number = 0;
        for (int b = 0; b < 8; b++) {
            number = number << 8 | actual[14 + b] & 0xFF;
        }
        if (number < 0 || number >= made) {
            complain("a packet came whose number %d was never sent".formatted(number));
            return;
        }
        int expectedLength = content((int) number);
        if (length != expectedLength || java.util.Arrays.compare(expected, 12, length, actual, 12, length) != 0) {
            complain("packet %d was changed: %n%s%n%s"
                    .formatted(
                            number,
                            HexFormat.ofDelimiter(" ").formatHex(expected, 0, expectedLength),
                            HexFormat.ofDelimiter(" ").formatHex(actual, 0, length)));
        } else if (seen.get((int) number)) {
            complain("packet %d came twice".formatted(number));
        } else {
            seen.set((int) number);
            received++;
        }
    }

    /// Puts all segments in `actual`; returns how many bytes they are.
    private int gather(long packet) {
        int length = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            int bytes = Math.min(Packet.length(segment), actual.length - length);
            Packet.read(segment, 0, actual, length, bytes);
            length += bytes;
        }
        return length;
    }

    private void complain(String what) {
        if (complaint.isEmpty()) {
            complaint = what;
        }
    }
}
