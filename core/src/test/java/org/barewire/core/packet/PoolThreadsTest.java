package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Pools and threads. `bench` has the races, as jcstress tests.
class PoolThreadsTest {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final PacketPool pool = PacketPool.create(memory, 64);

    @AfterEach
    void close() {
        memory.close();
    }

    private static void onAnotherThread(Runnable work) {
        CompletableFuture.runAsync(work, command -> Thread.ofPlatform().start(command))
                .join();
    }

    private long[] takeAll() {
        long[] packets = new long[64];
        assertThat(pool.allocate(packets, 0, 64)).isEqualTo(64);
        return packets;
    }

    @Test
    void anotherThreadMustNotAllocate() {
        pool.allocate();
        assertThatThrownBy(() -> onAnotherThread(pool::allocate))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("allocates from a pool of Thread[")
                .hasMessageEndingWith("a pool belongs to one thread, see PacketPool.unbind");
    }

    @Test
    void anUnboundPoolTakesTheNextThreadAsItsOwner() {
        pool.allocate();
        pool.unbind();
        onAnotherThread(() -> {
            assertThat(pool.allocate()).isNotZero();
            pool.unbind();
        });
        assertThat(pool.allocate()).isNotZero();
    }

    @Test
    void packetsReleasedElsewhereComeHomeWhenTheStackIsEmpty() {
        long[] packets = takeAll();
        onAnotherThread(() -> {
            Packet.release(packets[0]);
            Packet.release(packets[1]);
        });
        Set<Long> home = new HashSet<>(List.of(pool.allocate(), pool.allocate()));
        assertThat(home).containsExactlyInAnyOrder(packets[0], packets[1]);
        assertThat(pool.allocate()).isZero();
    }

    @Test
    void aBulkReleasedElsewhereComesHome() {
        long[] packets = takeAll();
        onAnotherThread(() -> PacketPool.release(packets, 10, 54));
        assertThat(pool.available()).isEqualTo(54);
        onAnotherThread(() -> PacketPool.release(packets, 0, 10));
        assertThat(pool.available()).isEqualTo(64);
        Set<Long> home = new HashSet<>();
        for (long packet : takeAll()) {
            home.add(packet);
        }
        assertThat(home).hasSize(64);
    }

    @Test
    void aChainReleasedElsewhereComesHome() {
        long chain = 0;
        for (long packet : takeAll()) {
            long segment = Metadata.begin(packet);
            Metadata.setNext(segment, chain);
            chain = segment;
        }
        long head = chain;
        onAnotherThread(() -> Packet.release(head));
        assertThat(pool.available()).isEqualTo(64);
    }

    @Test
    void aMixedBulkReleasedElsewhereComesHome() {
        PacketPool other = PacketPool.create(memory, 8);
        long[] packets = {pool.allocate(), other.allocate(), pool.allocate(), other.allocate()};
        onAnotherThread(() -> PacketPool.release(packets, 0, 4));
        assertThat(pool.available()).isEqualTo(64);
        assertThat(other.available()).isEqualTo(8);
    }

    @Test
    void theOwnerOfOnePoolReleasesIntoAnother() {
        long[] packets = takeAll();
        onAnotherThread(() -> {
            PacketPool own = PacketPool.create(memory, 8);
            long packet = own.allocate();
            PacketPool.release(new long[] {packet, packets[0]}, 0, 2);
            assertThat(own.available()).isEqualTo(8);
        });
        assertThat(pool.available()).isEqualTo(1);
    }

    @Test
    void aClosedPoolsMemoryGoesWithTheLastPacketWhoeverReleasesIt() {
        long[] packets = takeAll();
        pool.close();
        onAnotherThread(() -> PacketPool.release(packets, 0, 63));
        assertThat(memory.regions()).isNotEmpty();
        onAnotherThread(() -> Packet.release(packets[63]));
        assertThat(memory.regions()).isEmpty();
    }

    /// A hundred thousand packets through a pipeline of three threads; a stamp in each packet would tell if
    /// two had the same slot.
    @Test
    void aPipelineOverThreadsLosesNoPacket() throws InterruptedException {
        int packets = 100_000;
        BlockingQueue<Long> first = new ArrayBlockingQueue<>(16);
        BlockingQueue<Long> second = new ArrayBlockingQueue<>(16);
        List<CompletableFuture<Void>> stages = new ArrayList<>();
        for (BlockingQueue<Long> queue : List.of(first, second)) {
            stages.add(CompletableFuture.runAsync(
                    () -> consume(queue, packets / 2), c -> Thread.ofPlatform().start(c)));
        }
        for (int sent = 0; sent < packets; ) {
            long packet = pool.allocate();
            if (packet == 0) {
                Thread.onSpinWait();
                continue;
            }
            packet = Packet.resize(packet, 16);
            Packet.setLong(packet, 0, packet);
            Packet.setLong(packet, 8, sent);
            ((sent & 1) == 0 ? first : second).put(packet);
            sent++;
        }
        stages.forEach(CompletableFuture::join);
        assertThat(pool.available()).isEqualTo(64);
    }

    private static void consume(BlockingQueue<Long> queue, int count) {
        long previous = -2;
        for (int i = 0; i < count; i++) {
            long packet;
            try {
                packet = queue.take();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertThat(Packet.getLong(packet, 0)).isEqualTo(packet);
            assertThat(Packet.getLong(packet, 8)).isEqualTo(i == 0 ? Packet.getLong(packet, 8) : previous + 2);
            previous = Packet.getLong(packet, 8);
            Packet.release(packet);
        }
    }
}
