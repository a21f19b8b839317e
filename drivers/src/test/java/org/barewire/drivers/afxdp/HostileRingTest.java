package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.linux.XdpSocket.Mapping;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A kernel that writes nonsense into the rings: it is counted, never followed, and no packet is lost to it.
class HostileRingTest {
    private static final int ENTRIES = 64;
    private static final int RING_BYTES = 4096;
    private static final int SLOTS = 256;

    private final PacketMemory memory = PacketMemory.standard();
    private final long space = memory.allocateRing(4 * RING_BYTES);
    private final Mapping fill = ring(0);
    private final Mapping completion = ring(1);
    private final Mapping rx = ring(2);
    private final Mapping tx = ring(3);
    private final long[] packets = new long[ENTRIES];
    private PacketPool pool;
    private CopyBuffers copies;
    private AfxdpRxQueue receiver;
    private AfxdpTxQueue sender;

    private Mapping ring(int index) {
        long start = space + (long) index * RING_BYTES;
        return new Mapping(start, RING_BYTES, start, start + 64, start + 128, start + 192);
    }

    @BeforeEach
    void openQueues() {
        pool = PacketPool.create(memory, SLOTS + ENTRIES);
        copies = new CopyBuffers(pool, ENTRIES);
        Umem umem = new Umem(List.of(pool.region()));
        QueueSocket.Rings rings = new QueueSocket.Rings(-1, 2048, umem, fill, completion, rx, tx);
        receiver = new AfxdpRxQueue(rings, pool, ENTRIES);
        receiver.start();
        sender = new AfxdpTxQueue(rings, copies, ENTRIES, 1522);
    }

    @AfterEach
    void everyPacketIsThere() {
        receiver.free();
        sender.free();
        copies.free();
        assertThat(pool.available()).isEqualTo(pool.slots());
        pool.close();
        memory.freeRing(space, 4 * RING_BYTES);
    }

    /// Puts a descriptor in the receive ring, of the buffer that the fill ring has at `index`.
    private void arrive(int index, long offset, int length, int options) {
        int producer = Memory.getInt(rx.producer());
        long buffer = Memory.getLong(fill.entries() + 8L * (index & ENTRIES - 1));
        long descriptor = rx.entries() + 16L * (producer & ENTRIES - 1);
        Memory.putLong(descriptor, buffer + offset);
        Memory.putInt(descriptor + 8, length);
        Memory.putInt(descriptor + 12, options);
        Memory.putIntRelease(rx.producer(), producer + 1);
    }

    @Test
    void aGoodDescriptorIsAPacket() {
        arrive(0, 256, 100, 0);
        assertThat(receiver.receive(packets)).isEqualTo(1);
        assertThat(Packet.length(packets[0])).isEqualTo(100);
        assertThat(Memory.getInt(rx.consumer())).isEqualTo(1);
        Packet.release(packets[0]);
    }

    @Test
    void theSameBufferTwiceIsOnePacket() {
        arrive(0, 256, 100, 0);
        arrive(0, 256, 100, 0);
        assertThat(receiver.receive(packets)).isEqualTo(1);
        assertThat(receiver.statistics()).isEqualTo(new QueueStatistics(1, 0, 1));
        Packet.release(packets[0]);
    }

    @Test
    void lengthsBeyondTheBufferAreNoPackets() {
        arrive(0, 256, 1793, 0);
        arrive(1, 256, 0, 0);
        arrive(2, 256, -1, 0);
        arrive(3, 2047, 2, 0);
        arrive(4, 256, 1792, 0);
        assertThat(receiver.receive(packets)).isEqualTo(1);
        assertThat(receiver.statistics().errors()).isEqualTo(4);
        Packet.release(packets[0]);
    }

    @Test
    void addressesElsewhereAreNoPackets() {
        arrive(0, pool.region().length(), 100, 0);
        arrive(0, -(1L << 40), 100, 0);
        arrive(0, Long.MIN_VALUE, 100, 0);
        assertThat(receiver.receive(packets)).isZero();
        assertThat(receiver.statistics().errors()).isEqualTo(3);
    }

    @Test
    void severalBuffersAreOnePacketInSegments() {
        arrive(0, 256, 1000, 1);
        arrive(1, 256, 1000, 1);
        arrive(2, 256, 10, 0);
        assertThat(receiver.receive(packets)).isEqualTo(1);
        assertThat(Metadata.totalLength(packets[0])).isEqualTo(2010);
        assertThat(Packet.length(Packet.next(Packet.next(packets[0])))).isEqualTo(10);
        Packet.release(packets[0]);
    }

    @Test
    void completionsOfWhatWasNeverSentAreIgnored() {
        Memory.putLong(completion.entries(), 4096);
        Memory.putLong(completion.entries() + 8, -8);
        Memory.putIntRelease(completion.producer(), 2);
        assertThat(sender.reclaim()).isZero();
        assertThat(sender.statistics().errors()).isEqualTo(2);
    }

    @Test
    void tenMillionRandomCorruptionsAreSurvived() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 420_000; round++) {
            corrupt(random, rx, 16, round);
            corrupt(random, completion, 8, round);
            if (random.nextInt(16) == 0) {
                Memory.putInt(tx.consumer(), random.nextInt());
            } else {
                Memory.putInt(tx.consumer(), Memory.getInt(tx.producer()));
            }
            int n = receiver.receive(packets);
            int sent = sender.send(packets, 0, n);
            PacketPool.release(packets, sent, n - sent);
        }
        assertThat(receiver.statistics().errors()).isPositive();
        assertThat(receiver.statistics().packets()).isPositive();
    }

    /// Changes a dozen entries, and mostly by one or two the count of those that are there.
    private void corrupt(SplittableRandom random, Mapping ring, int bytes, int round) {
        for (int i = 0; i < 12; i++) {
            long entry = ring.entries() + (long) bytes * random.nextInt(ENTRIES);
            long buffer = Memory.getLong(fill.entries() + 8L * random.nextInt(ENTRIES)) + 256;
            Memory.putLong(entry, random.nextInt(4) == 0 ? random.nextLong() >>> random.nextInt(64) : buffer);
            if (bytes == 16) {
                Memory.putLong(entry + 8, random.nextInt(4) == 0 ? random.nextLong() : 60 + random.nextInt(1500));
            }
        }
        int step = round % 64 == 0 ? random.nextInt() : random.nextInt(8);
        Memory.putIntRelease(ring.producer(), Memory.getInt(ring.consumer()) + step);
    }
}
