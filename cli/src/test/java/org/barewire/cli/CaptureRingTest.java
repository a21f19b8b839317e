package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CaptureRingTest {
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 8);

    @AfterEach
    void close() {
        pool.close();
    }

    private long packet(int length, int value) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) value);
        return pool.allocateCopy(bytes);
    }

    @Test
    void aPacketComesOutWithItsTimeAndLengthCutToTheSnapLength() {
        try (CaptureRing ring = new CaptureRing(4096, 10)) {
            assertThat(ring.next()).isZero();
            long packet = packet(60, 7);
            assertThat(ring.offer(123, packet)).isTrue();
            PacketPool.release(packet);
            assertThat(Packet.bytes(ring.next())).hasSize(10).containsOnly(7);
            assertThat(ring.timeNanos()).isEqualTo(123);
            assertThat(ring.originalLength()).isEqualTo(60);
            ring.remove();
            assertThat(ring.next()).isZero();
        }
    }

    @Test
    void allSegmentsAreCopied() {
        try (CaptureRing ring = new CaptureRing(4096, 1000)) {
            long second = packet(5, 2);
            long first = Metadata.begin(packet(6, 1));
            Metadata.setNext(first, second);
            Metadata.setTotalLength(first, 11);
            assertThat(ring.offer(0, first)).isTrue();
            PacketPool.release(first);
            assertThat(Packet.bytes(ring.next())).containsExactly(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2);
            assertThat(ring.originalLength()).isEqualTo(11);
        }
    }

    @Test
    void aFullRingRefusesUntilSomethingIsRemoved() {
        try (CaptureRing ring = new CaptureRing(256, 100)) {
            long packet = packet(100, 1); // 120 bytes with its header
            assertThat(ring.offer(1, packet)).isTrue();
            assertThat(ring.offer(2, packet)).isTrue();
            assertThat(ring.offer(3, packet)).isFalse();
            assertThat(ring.next()).isNotZero();
            ring.remove();
            assertThat(ring.offer(4, packet)).isTrue();
            assertThat(ring.next()).isNotZero();
            assertThat(ring.timeNanos()).isEqualTo(2);
            ring.remove();
            assertThat(ring.next()).isNotZero();
            assertThat(ring.timeNanos()).isEqualTo(4);
            PacketPool.release(packet);
        }
    }

    @Test
    void twoThreadsLoseAndMixUpNothing() {
        int rounds = 200_000;
        try (CaptureRing ring = new CaptureRing(4096, 500)) {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> offer(ring, rounds));
            for (int i = 0; i < rounds; i++) {
                long packet = await(ring);
                assertThat(ring.timeNanos()).isEqualTo(i);
                int length = Packet.length(packet);
                assertThat(length).isEqualTo(ring.originalLength());
                assertThat(Packet.getByte(packet, 0)).isEqualTo(i & 0xFF);
                assertThat(Packet.getByte(packet, length - 1)).isEqualTo(length & 0xFF);
                ring.remove();
            }
            writer.join();
            assertThat(ring.next()).isZero();
        }
    }

    private static long await(CaptureRing ring) {
        long packet = ring.next();
        while (packet == 0) {
            Thread.onSpinWait();
            packet = ring.next();
        }
        return packet;
    }

    private void offer(CaptureRing ring, int rounds) {
        SplittableRandom random = new SplittableRandom(3);
        long slot = pool.allocate();
        for (int i = 0; i < rounds; i++) {
            int length = random.nextInt(2, 501);
            long packet = Packet.resize(slot, length);
            Packet.setByte(packet, 0, i);
            Packet.setByte(packet, length - 1, length);
            while (!ring.offer(i, packet)) {
                Thread.onSpinWait();
            }
        }
        PacketPool.release(slot);
        pool.unbind();
    }
}
