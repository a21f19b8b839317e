package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The device's side of split rings, and what a hostile driver can write into them.
class SplitRingTest {
    private static final int TX = 1; // the driver's
    private static final int RX = 0;
    private static final long FEATURES =
            VirtioNet.F_VERSION_1 | VirtioNet.F_MRG_RXBUF | VirtioNet.F_INDIRECT_DESC | VirtioNet.F_ANY_LAYOUT;
    private static final int HEADER = VirtioNet.HEADER;

    private final Guest guest = new Guest();
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 256);
    private final VhostRxQueue rx = new VhostRxQueue(pool, 1522);
    private final VhostTxQueue tx = new VhostTxQueue(1522);
    private final long[] packets = new long[128];

    @BeforeEach
    void start() {
        rx.start(guest.setup(TX, FEATURES, 0, rx, null), null);
        tx.start(guest.setup(RX, FEATURES, 0, tx, null), null);
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
    void aFrameIsReceivedAndItsChainGivenBack() {
        guest.frame(Guest.buffer(TX, 5), 60, 7);
        guest.descriptor(Guest.descriptors(TX), 5, Guest.buffer(TX, 5), HEADER + 60, 0, 0);
        guest.offer(TX, 5);
        assertThat(received()).containsExactly(frame(60, 7));
        assertThat(guest.usedIndex(TX)).isEqualTo(1);
        assertThat(guest.used(TX, 0)).isEqualTo(5);
        assertThat(rx.receive(packets)).isZero();
    }

    @Test
    void aFrameInPiecesIsPutTogetherWhereverItsHeaderEnds() {
        guest.frame(Guest.buffer(TX, 0), 200, 9);
        int[] cuts = {3, 10, 12, 13, 100, HEADER + 200};
        int from = 0;
        for (int i = 0; i < cuts.length; i++) {
            boolean last = i == cuts.length - 1;
            guest.descriptor(
                    Guest.descriptors(TX), i, Guest.buffer(TX, 0) + from, cuts[i] - from, last ? 0 : Guest.NEXT, i + 1);
            from = cuts[i];
        }
        guest.offer(TX, 0);
        assertThat(received()).containsExactly(frame(200, 9));
    }

    @Test
    void aFrameAcrossTwoRegionsIsPutTogether() {
        long buffer = Guest.START + Guest.REGION - 50;
        Memory.fill(guest.at(buffer), 50, (byte) 0);
        Memory.fill(guest.at(buffer + 50), 62, (byte) 0);
        guest.descriptor(Guest.descriptors(TX), 0, buffer, HEADER + 100, 0, 0);
        guest.offer(TX, 0);
        assertThat(received()).containsExactly(frame(100, 0));
    }

    @Test
    void anIndirectFrameIsReceived() {
        long table = Guest.buffer(TX, 20);
        guest.frame(Guest.buffer(TX, 0), 60, 3);
        guest.descriptor(table, 0, Guest.buffer(TX, 0), HEADER, Guest.NEXT, 2);
        guest.descriptor(table, 2, Guest.buffer(TX, 0) + HEADER, 60, 0, 0);
        guest.descriptor(Guest.descriptors(TX), 1, table, 3 * 16, Guest.INDIRECT, 0);
        guest.offer(TX, 1);
        assertThat(received()).containsExactly(frame(60, 3));
    }

    @Test
    void aFrameIsSentWithItsHeader() {
        guest.descriptor(Guest.descriptors(RX), 3, Guest.buffer(RX, 3), 2048, Guest.WRITE, 0);
        guest.offer(RX, 3);
        assertThat(send(packet(60, 5))).isOne();
        assertThat(guest.used(RX, 0)).isEqualTo(3 | (long) (HEADER + 60) << 32);
        byte[] expected = new byte[HEADER + 60];
        Arrays.fill(expected, HEADER, HEADER + 60, (byte) 5);
        expected[10] = 1; // one buffer
        assertThat(guest.bytes(Guest.buffer(RX, 3), HEADER + 60)).isEqualTo(expected);
    }

    @Test
    void aLongFrameIsMergedFromSeveralBuffers() {
        for (int i = 0; i < 4; i++) {
            guest.descriptor(Guest.descriptors(RX), i, Guest.buffer(RX, i), 400, Guest.WRITE, 0);
        }
        guest.offer(RX, 0, 1, 2, 3);
        assertThat(send(packet(1000, 5))).isOne();
        assertThat(guest.usedIndex(RX)).isEqualTo(3);
        assertThat(guest.bytes(Guest.buffer(RX, 0), 12)[10]).isEqualTo((byte) 3);
        assertThat(guest.used(RX, 2) >>> 32).isEqualTo(1012 - 800);
    }

    @Test
    void aFrameThatDoesNotFitInAllBuffersWaitsForMore() {
        guest.descriptor(Guest.descriptors(RX), 0, Guest.buffer(RX, 0), 400, Guest.WRITE, 0);
        guest.offer(RX, 0);
        long packet = packet(1000, 5);
        assertThat(send(packet)).isZero();
        assertThat(guest.usedIndex(RX)).isZero();
        guest.descriptor(Guest.descriptors(RX), 1, Guest.buffer(RX, 1), 2000, Guest.WRITE, 0);
        guest.offer(RX, 1);
        assertThat(send(packet)).isOne();
        assertThat(guest.usedIndex(RX)).isEqualTo(2);
    }

    @Test
    void aHeadOutOfRangeIsCountedAndGivenBack() {
        guest.offer(TX, Guest.SIZE, 0xFFFF);
        assertRefused(2);
    }

    @Test
    void anIndexOutOfRangeInAChainIsRefused() {
        guest.descriptor(Guest.descriptors(TX), 0, Guest.buffer(TX, 0), 100, Guest.NEXT, Guest.SIZE);
        guest.offer(TX, 0);
        assertRefused(1);
    }

    @Test
    void aLoopIsRefused() {
        guest.descriptor(Guest.descriptors(TX), 0, Guest.buffer(TX, 0), 1, Guest.NEXT, 1);
        guest.descriptor(Guest.descriptors(TX), 1, Guest.buffer(TX, 0), 1, Guest.NEXT, 0);
        guest.offer(TX, 0);
        assertRefused(1);
    }

    @Test
    void aDescriptorThatIsItsOwnSuccessorIsRefused() {
        guest.descriptor(Guest.descriptors(TX), 7, Guest.buffer(TX, 0), 1, Guest.NEXT, 7);
        guest.offer(TX, 7);
        assertRefused(1);
    }

    @Test
    void rangesThatAreNotTheGuestsAreRefused() {
        long[][] ranges = {
            {Guest.START - 1, 100},
            {Guest.START - 100, 100},
            {Guest.END - 99, 100},
            {Guest.END, 100},
            {0, 100},
            {-50, 100}, // wraps
            {-1, 0xFFFF_FFFFL},
            {Long.MIN_VALUE, 100},
            {Long.MAX_VALUE, 100},
            {Guest.START, 0xFFFF_FFFFL},
            {Guest.START, 0x8000_0000L},
            {Guest.START, 2 * Guest.REGION + 1},
            {guest.at(Guest.START), 100}, // this process's own address
        };
        for (int i = 0; i < ranges.length; i++) {
            guest.descriptor(Guest.descriptors(TX), i, ranges[i][0], ranges[i][1], 0, 0);
            guest.offer(TX, i);
        }
        assertRefused(ranges.length);
    }

    @Test
    void aBufferOfTheWrongDirectionIsRefused() {
        guest.descriptor(Guest.descriptors(TX), 0, Guest.buffer(TX, 0), 100, Guest.WRITE, 0);
        guest.offer(TX, 0);
        assertRefused(1);
        guest.descriptor(Guest.descriptors(RX), 0, Guest.buffer(RX, 0), 2000, 0, 0);
        guest.offer(RX, 0);
        long packet = packet(60, 1);
        assertThat(send(packet)).isZero();
        assertThat(guest.used(RX, 0)).isZero();
        assertThat(guest.usedIndex(RX)).isOne();
        Packet.release(packet);
    }

    @Test
    void anIndirectTableWithinAnotherIsRefused() {
        long table = Guest.buffer(TX, 20);
        guest.descriptor(table, 0, table, 16, Guest.INDIRECT, 0);
        guest.descriptor(Guest.descriptors(TX), 0, table, 16, Guest.INDIRECT, 0);
        guest.offer(TX, 0);
        assertRefused(1);
    }

    @Test
    void indirectTablesOfImpossiblePlaceOrSizeAreRefused() {
        long[][] tables = {
            {Guest.buffer(TX, 20), 0},
            {Guest.buffer(TX, 20), 15},
            {Guest.buffer(TX, 20), 17},
            {Guest.buffer(TX, 20), 0xFFFF_FFF0L},
            {Guest.END - 16, 32},
            {Guest.START + Guest.REGION - 16, 32}, // across regions
            {-16, 32},
        };
        for (int i = 0; i < tables.length; i++) {
            guest.descriptor(Guest.descriptors(TX), i, tables[i][0], tables[i][1], Guest.INDIRECT, 0);
            guest.offer(TX, i);
        }
        guest.descriptor(Guest.descriptors(TX), 10, Guest.buffer(TX, 20), 16, Guest.INDIRECT | Guest.NEXT, 0);
        guest.offer(TX, 10);
        assertRefused(tables.length + 1);
    }

    @Test
    void anIndirectChainThatLeavesItsTableOrLoopsIsRefused() {
        long table = Guest.buffer(TX, 20);
        guest.descriptor(table, 0, Guest.buffer(TX, 0), 10, Guest.NEXT, 2);
        guest.descriptor(table, 4, Guest.buffer(TX, 0), 10, Guest.NEXT, 0);
        guest.descriptor(Guest.descriptors(TX), 0, table, 32, Guest.INDIRECT, 0);
        guest.descriptor(Guest.descriptors(TX), 1, table + 64, 16, Guest.INDIRECT, 0);
        guest.offer(TX, 0, 1);
        assertRefused(2);
    }

    @Test
    void framesTooShortOrTooLongAreCountedAndDropped() {
        int[] lengths = {0, 1, HEADER - 1, HEADER, HEADER + 13, HEADER + 1523, HEADER + 100_000};
        for (int i = 0; i < lengths.length; i++) {
            guest.descriptor(Guest.descriptors(TX), i, Guest.buffer(TX, 0), lengths[i], 0, 0);
            guest.offer(TX, i);
        }
        assertThat(rx.receive(packets)).isZero();
        assertThat(rx.get(QueueCounter.TOO_SHORT)).isEqualTo(5);
        assertThat(rx.get(QueueCounter.TOO_LONG)).isEqualTo(2);
        assertThat(guest.usedIndex(TX)).isEqualTo(lengths.length);
    }

    @Test
    void anAvailableIndexThatJumpsIsCountedOnceAndNotFollowed() {
        guest.setAvailableIndex(TX, Guest.SIZE + 1);
        assertThat(rx.receive(packets)).isZero();
        assertThat(rx.receive(packets)).isZero();
        assertThat(rx.get(QueueCounter.BAD_INDEX)).isOne();
        assertThat(guest.usedIndex(TX)).isZero();
        guest.setAvailableIndex(TX, 0xFFFF);
        assertThat(rx.receive(packets)).isZero();
        assertThat(rx.get(QueueCounter.BAD_INDEX)).isEqualTo(2);
    }

    @Test
    void chainsOfTheMostPartsThatThereCanBeAreReceived() {
        long table = Guest.buffer(TX, 30);
        int parts = Chains.MOST_PARTS;
        guest.frame(Guest.buffer(TX, 0), 1500, 1);
        for (int i = 0; i < parts; i++) {
            boolean last = i == parts - 1;
            int length = last ? HEADER + 1500 - (parts - 1) : 1;
            guest.descriptor(table, i, Guest.buffer(TX, 0) + i, length, last ? 0 : Guest.NEXT, i + 1);
        }
        guest.descriptor(Guest.descriptors(TX), 0, table, 16L * parts, Guest.INDIRECT, 0);
        guest.offer(TX, 0, 0);
        assertThat(received()).containsExactly(frame(1500, 1));
        assertThat(received()).containsExactly(frame(1500, 1));
        guest.descriptor(table, parts, Guest.buffer(TX, 0), 1, 0, 0);
        guest.descriptor(table, parts - 1, Guest.buffer(TX, 0), 1, Guest.NEXT, parts);
        guest.descriptor(Guest.descriptors(TX), 0, table, 16L * (parts + 1), Guest.INDIRECT, 0);
        guest.offer(TX, 0);
        assertThat(received()).isEmpty();
        assertThat(rx.get(QueueCounter.MALFORMED)).isOne();
    }

    @Test
    void aFrameStaysInTheRingWhileThereIsNoBuffer() {
        guest.frame(Guest.buffer(TX, 0), 60, 1);
        guest.descriptor(Guest.descriptors(TX), 0, Guest.buffer(TX, 0), HEADER + 60, 0, 0);
        long[] all = new long[256];
        assertThat(pool.allocate(all, 0, 256)).isEqualTo(256);
        guest.offer(TX, 0);
        assertThat(rx.receive(packets)).isZero();
        assertThat(guest.usedIndex(TX)).isZero();
        PacketPool.release(all, 0, 256);
        assertThat(received()).hasSize(1);
    }

    @Test
    void theDriverIsToldNotToKick() {
        assertThat(Memory.getShort(guest.at(Guest.used(TX)))).isEqualTo((short) VirtioNet.RING_NO_NOTIFY);
    }

    private void assertRefused(int chains) {
        assertThat(rx.receive(packets)).isZero();
        assertThat(rx.get(QueueCounter.MALFORMED)).isEqualTo(chains);
        assertThat(guest.usedIndex(TX)).isEqualTo(chains);
    }

    private List<byte[]> received() {
        List<byte[]> frames = new ArrayList<>();
        int n = rx.receive(packets);
        for (int i = 0; i < n; i++) {
            frames.add(Packet.bytes(packets[i]));
        }
        PacketPool.release(packets, 0, n);
        return frames;
    }

    private int send(long packet) {
        packets[0] = packet;
        return tx.send(packets, 0, 1);
    }

    private long packet(int length, int value) {
        return pool.allocateCopy(frame(length, value));
    }

    private static byte[] frame(int length, int value) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, (byte) value);
        return frame;
    }
}
