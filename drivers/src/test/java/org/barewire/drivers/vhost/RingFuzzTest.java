package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Live rings of which something is overwritten between any two bursts. Memory is checked: a single access outside of
/// what is mapped fails the test.
///
/// A million corruptions; `-Dbarewire.corruptions=10000000` makes ten.
@Tag("slow")
class RingFuzzTest {
    private static final int CORRUPTIONS = Integer.getInteger("barewire.corruptions", 1_000_000);
    private static final int TX = 1; // the driver's
    private static final int RX = 0;
    private static final int BURST = 4;
    private static final long TABLES = Guest.buffer(2, 0); // indirect ones, one for each of a burst
    private static final long FEATURES = VirtioNet.F_VERSION_1
            | VirtioNet.F_MRG_RXBUF
            | VirtioNet.F_INDIRECT_DESC
            | VirtioNet.F_EVENT_IDX
            | VirtioNet.F_CSUM
            | VirtioNet.F_GUEST_CSUM
            | VirtioNet.F_HOST_TSO4
            | VirtioNet.F_GUEST_TSO4;

    private final long[] packets = new long[64];

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void corruptionsAreCountedAndNeverFollowed(boolean packed) {
        SplittableRandom random = new SplittableRandom(packed ? 11 : 12);
        long features = FEATURES | (packed ? VirtioNet.F_RING_PACKED : 0);
        try (Guest guest = new Guest();
                PacketPool sent = PacketPool.create(PacketMemory.standard(), 64)) {
            PacketPool pool = PacketPool.create(PacketMemory.standard(), 256);
            VhostRxQueue rx = new VhostRxQueue(pool, 1522);
            VhostTxQueue tx = new VhostTxQueue(1522);
            start(guest, rx, tx, features, packed);
            for (int i = 0; i < CORRUPTIONS / 2; i++) {
                offer(guest, random, rx, TX, packed);
                offer(guest, random, tx, RX, packed);
                corrupt(guest, random);
                receive(rx);
                send(tx, sent);
                if (i % 256 == 255) { // the driver starts again, so that there is always something alive
                    rx.stop();
                    tx.stop();
                    guest.clearRings();
                    start(guest, rx, tx, features, packed);
                }
            }
            assertThat(rx.get(QueueCounter.PACKETS)).isGreaterThan(CORRUPTIONS / 2);
            assertThat(rx.get(QueueCounter.MALFORMED)).isGreaterThan(CORRUPTIONS / 100);
            assertThat(tx.get(QueueCounter.PACKETS)).isGreaterThan(CORRUPTIONS / 2);
            assertThat(tx.get(QueueCounter.MALFORMED)).isGreaterThan(CORRUPTIONS / 100);
            assertThat(sent.available()).isEqualTo(64);
            tx.close();
            rx.closeStock();
            assertThat(pool.available()).isEqualTo(256);
            rx.close();
        }
    }

    private static void start(Guest guest, VhostRxQueue rx, VhostTxQueue tx, long features, boolean packed) {
        int base = packed ? 1 << 15 : 0;
        rx.start(guest.setup(TX, features, base, rx, null), null);
        tx.start(guest.setup(RX, features, base, tx, null), null);
    }

    /// Makes a burst of chains available that are in order: on their own, of two descriptors, or indirect.
    private static void offer(Guest guest, SplittableRandom random, VhostQueue queue, int ring, boolean packed) {
        int base = queue.base();
        int at = base & (packed ? 0x7FFF : 0xFFFF);
        int flags = ring == RX ? Guest.WRITE : 0;
        for (int i = 0; i < BURST; i++) {
            int kind = random.nextInt(4);
            int slot = (at + 2 * i) % Guest.SIZE;
            int second = (slot + 1) % Guest.SIZE;
            long buffer = Guest.buffer(ring, slot);
            long length = 80L + random.nextInt(1400);
            long table = TABLES + 64L * (ring * BURST + i);
            table(guest, table, buffer, length, flags, packed);
            Memory.putLong(guest.at(buffer), random.nextInt(8) == 0 ? random.nextLong() : 0);
            if (packed) {
                boolean wrap = (base & 1 << 15) != 0;
                packed(
                        guest,
                        ring,
                        slot,
                        kind == 0 ? table : buffer,
                        kind == 0 ? 32 : length,
                        kind == 0 ? Guest.INDIRECT : flags,
                        wrap == slot >= at);
                packed(guest, ring, second, buffer, length, flags, wrap == second >= at);
            } else if (kind == 0) {
                guest.descriptor(Guest.descriptors(ring), slot, table, 32, Guest.INDIRECT, 0);
            } else {
                guest.descriptor(
                        Guest.descriptors(ring), slot, buffer, length, flags | (kind == 1 ? Guest.NEXT : 0), second);
                guest.descriptor(Guest.descriptors(ring), second, buffer, length, flags, 0);
            }
            if (!packed) {
                guest.setAvailableIndex(ring, at + i);
                guest.offer(ring, slot);
            }
        }
    }

    private static void table(Guest guest, long table, long buffer, long length, int flags, boolean packed) {
        if (packed) {
            guest.packedEntry(table, 0, buffer, 40, flags);
            guest.packedEntry(table, 1, buffer + 40, length, flags);
        } else {
            guest.descriptor(table, 0, buffer, 40, flags | Guest.NEXT, 1);
            guest.descriptor(table, 1, buffer + 40, length, flags, 0);
        }
    }

    private static void packed(Guest guest, int ring, int slot, long address, long length, int flags, boolean wrap) {
        guest.packed(ring, slot, address, length, flags, slot);
        if (!wrap) {
            guest.turn(ring, slot);
        }
    }

    /// Overwrites one to three fields of the rings or tables.
    private static void corrupt(Guest guest, SplittableRandom random) {
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            long where = switch (random.nextInt(4)) {
                case 0 -> Guest.descriptors(random.nextInt(2)) + random.nextInt(16 * Guest.SIZE);
                case 1 -> Guest.available(random.nextInt(2)) + random.nextInt(8 + 2 * Guest.SIZE);
                case 2 -> Guest.used(random.nextInt(2)) + random.nextInt(8 + 8 * Guest.SIZE);
                default -> TABLES + random.nextInt(64 * 2 * BURST);
            };
            long address = guest.at(where);
            switch (random.nextInt(5)) {
                case 0 -> Memory.putByte(address, (byte) random.nextInt());
                case 1 -> Memory.putShort(address & -2, (short) random.nextInt());
                case 2 -> Memory.putInt(address & -4, random.nextInt());
                case 3 -> Memory.putLong(address & -8, random.nextLong());
                default -> Memory.putLong(address & -8, nearAnEdge(random));
            }
        }
    }

    private static long nearAnEdge(SplittableRandom random) {
        long[] edges = {0, Guest.START, Guest.START + Guest.REGION, Guest.END, Long.MIN_VALUE, 1L << 32, Guest.SIZE};
        return edges[random.nextInt(edges.length)] + random.nextInt(-64, 65);
    }

    private void receive(VhostRxQueue rx) {
        int n = rx.receive(packets, 0, 64);
        for (int i = 0; i < n; i++) {
            assertThat(Packet.length(packets[i])).isBetween(14, 65535);
        }
        PacketPool.release(packets, 0, n);
    }

    private void send(VhostTxQueue tx, PacketPool pool) {
        int n = pool.allocate(packets, 0, BURST);
        for (int i = 0; i < n; i++) {
            packets[i] = Packet.resize(packets[i], 60 + 400 * i);
        }
        tx.sendOrRelease(packets, 0, n);
    }
}
