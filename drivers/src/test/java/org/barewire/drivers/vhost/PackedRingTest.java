package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The device's side of packed rings, and what a hostile driver can write into them.
class PackedRingTest {
    private static final int TX = 1; // the driver's
    private static final int RX = 0;
    private static final int FIRST_ROUND = 1 << 15; // VRING_BASE of a new ring
    private static final long FEATURES = VirtioNet.F_VERSION_1
            | VirtioNet.F_MRG_RXBUF
            | VirtioNet.F_INDIRECT_DESC
            | VirtioNet.F_RING_PACKED
            | VirtioNet.F_EVENT_IDX;
    private static final int HEADER = VirtioNet.HEADER;
    private static final int USED = VirtioNet.DESC_AVAIL | VirtioNet.DESC_USED;

    private final Guest guest = new Guest();
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 256);
    private final VhostRxQueue rx = new VhostRxQueue(pool, 1522);
    private final VhostTxQueue tx = new VhostTxQueue(1522);
    private final long[] packets = new long[128];

    @BeforeEach
    void start() {
        rx.start(guest.setup(TX, FEATURES, FIRST_ROUND, rx, null), null);
        tx.start(guest.setup(RX, FEATURES, FIRST_ROUND, tx, null), null);
    }

    @AfterEach
    void everyBufferIsBack() {
        tx.close();
        rx.stop();
        rx.closeStock();
        assertThat(pool.available()).isEqualTo(256);
        rx.close();
        guest.close();
    }

    @Test
    void aFrameIsReceivedAndItsDescriptorGivenBack() {
        guest.frame(Guest.buffer(TX, 5), 60, 7);
        guest.packed(TX, 0, Guest.buffer(TX, 5), HEADER + 60, 0, 33);
        assertThat(rx.receive(packets)).isOne();
        assertThat(Packet.length(packets[0])).isEqualTo(60);
        assertThat(Packet.getByte(packets[0], 59)).isEqualTo(7);
        assertThat(guest.packed(TX, 0)).isEqualTo((long) USED << 48 | 33L << 32);
        Packet.release(packets[0]);
    }

    @Test
    void chainsAreGivenBackInOneDescriptorAndTheRingGoesRound() {
        guest.frame(Guest.buffer(TX, 0), 60, 7);
        for (int round = 0; round < 5; round++) {
            boolean wrap = round % 2 == 0;
            for (int slot = 0; slot + 2 <= Guest.SIZE; slot += 2) {
                guest.packed(TX, slot, Guest.buffer(TX, 0), HEADER, Guest.NEXT, 9);
                guest.packed(TX, slot + 1, Guest.buffer(TX, 0) + HEADER, 60, 0, slot);
                if (!wrap) {
                    guest.turn(TX, slot);
                    guest.turn(TX, slot + 1);
                }
                assertThat(rx.receive(packets)).isOne();
                Packet.release(packets[0]);
                assertThat(guest.packed(TX, slot)).isEqualTo((wrap ? (long) USED << 48 : 0) | (long) slot << 32);
            }
        }
        assertThat(rx.stop()).isEqualTo(0); // sixth round: the wrap counter is 0
    }

    @Test
    void aBurstOfFramesIsSent() {
        for (int i = 0; i < 3; i++) {
            guest.packed(RX, i, Guest.buffer(RX, i), 2048, Guest.WRITE, 10 + i);
            packets[i] = pool.allocateCopy(filled(60 + i, i));
        }
        assertThat(tx.send(packets, 0, 3)).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            long flags = USED | VirtioNet.DESC_WRITE;
            assertThat(guest.packed(RX, i)).isEqualTo(flags << 48 | (10L + i) << 32 | HEADER + 60 + i);
            assertThat(guest.bytes(Guest.buffer(RX, i) + HEADER, 60 + i)).isEqualTo(filled(60 + i, i));
        }
    }

    @Test
    void anIndirectFrameIsReceivedWholeWhateverItsTableSaysFollows() {
        long table = Guest.buffer(TX, 20);
        guest.frame(Guest.buffer(TX, 0), 60, 3);
        guest.packedEntry(table, 0, Guest.buffer(TX, 0), HEADER, 0);
        guest.packedEntry(table, 1, Guest.buffer(TX, 0) + HEADER, 60, 0);
        guest.packed(TX, 0, table, 32, Guest.INDIRECT, 1);
        assertThat(rx.receive(packets)).isOne();
        assertThat(Packet.length(packets[0])).isEqualTo(60);
        Packet.release(packets[0]);
    }

    @Test
    void aChainWithoutEndIsRefusedAfterOneRound() {
        for (int slot = 0; slot < Guest.SIZE; slot++) {
            guest.packed(TX, slot, Guest.buffer(TX, 0), 1, Guest.NEXT, slot);
        }
        assertThat(rx.receive(packets)).isZero();
        assertThat(rx.get(QueueCounter.MALFORMED)).isOne();
        assertThat(guest.packed(TX, 0) >>> 48).isEqualTo(USED);
        assertThat(rx.receive(packets)).isZero();
    }

    @Test
    void hostileDescriptorsAreRefusedAndGivenBack() {
        long table = Guest.buffer(TX, 20);
        guest.packedEntry(table, 0, table, 16, Guest.INDIRECT);
        guest.packed(TX, 0, Guest.START - 1, 100, 0, 0);
        guest.packed(TX, 1, Guest.END - 99, 100, 0, 0);
        guest.packed(TX, 2, -50, 100, 0, 0);
        guest.packed(TX, 3, Long.MAX_VALUE, 100, 0, 0);
        guest.packed(TX, 4, Guest.START, 0xFFFF_FFFFL, 0, 0);
        guest.packed(TX, 5, Guest.buffer(TX, 0), 100, Guest.WRITE, 0);
        guest.packed(TX, 6, table, 16, Guest.INDIRECT, 0);
        guest.packed(TX, 7, table, 17, Guest.INDIRECT, 0);
        guest.packed(TX, 8, table, 0, Guest.INDIRECT, 0);
        guest.packed(TX, 9, Guest.END - 16, 32, Guest.INDIRECT, 0);
        guest.packed(TX, 10, Guest.buffer(TX, 0), 10, Guest.NEXT, 0);
        guest.packed(TX, 11, table, 16, Guest.INDIRECT, 0);
        assertThat(rx.receive(packets)).isZero();
        assertThat(rx.get(QueueCounter.MALFORMED)).isEqualTo(11);
        assertThat(rx.stop()).isEqualTo(12 | FIRST_ROUND);
    }

    @Test
    void theDriverIsToldNotToKickAndAskedWhenToBeCalled() {
        assertThat(Memory.getInt(guest.at(Guest.used(TX)))).isEqualTo(VirtioNet.EVENT_DISABLE << 16);
        Vring ring = new PackedRing(guest.setup(TX, FEATURES, FIRST_ROUND, rx, null));
        assertThat(used(ring, VirtioNet.EVENT_ENABLE << 16)).isTrue();
        assertThat(used(ring, VirtioNet.EVENT_DISABLE << 16)).isFalse();
        assertThat(used(ring, VirtioNet.EVENT_DESC << 16 | 2 | FIRST_ROUND)).isTrue();
        assertThat(used(ring, VirtioNet.EVENT_DESC << 16 | 2 | FIRST_ROUND)).isFalse();
        assertThat(used(ring, VirtioNet.EVENT_DESC << 16 | 4)).isFalse(); // in the next round
    }

    /// Whether the driver is to be called when one more descriptor is used.
    private boolean used(Vring ring, int event) {
        Memory.putInt(guest.at(Guest.available(TX)), event);
        int slot = ring.base() & 0x7FFF;
        guest.packed(TX, slot, Guest.buffer(TX, 0), 100, 0, 0);
        assertThat(ring.gather(1)).isOne();
        return ring.complete(1);
    }

    private static byte[] filled(int length, int value) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, (byte) value);
        return frame;
    }
}
