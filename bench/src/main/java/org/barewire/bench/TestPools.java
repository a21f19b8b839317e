package org.barewire.bench;

import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.PacketMemory.Layout;
import org.barewire.core.memory.PacketMemory.Pages;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Pools of {@link #SLOTS} slots for stress tests, used over and over: a pool takes 2 MiB, and jcstress wants
/// a new state for each sample.
final class TestPools {
    static final int SLOTS = 4;
    static final PacketMemory MEMORY = new PacketMemory(Layout.LINEAR, Pages.NORMAL, Numa.NO_NODE);

    private static final ConcurrentLinkedQueue<PacketPool> IDLE = new ConcurrentLinkedQueue<>();

    private TestPools() {}

    /// A pool without an owner, all of its packets at home.
    static PacketPool take() {
        PacketPool pool = IDLE.poll();
        return pool == null ? PacketPool.create(MEMORY, SLOTS) : pool;
    }

    /// Takes all packets that are at home, and lets go of the pool.
    static long[] drain(PacketPool pool) {
        long[] packets = new long[2 * SLOTS];
        int count = pool.allocate(packets, 0, packets.length);
        pool.unbind();
        return Arrays.copyOf(packets, count);
    }

    /// How many slots there are, in `kept` and at home; -1 if one is there twice. Puts the pool back if all
    /// is well.
    static int settle(PacketPool pool, long... kept) {
        long[] slots = LongStream.concat(LongStream.of(kept), LongStream.of(drain(pool)))
                .filter(packet -> packet != 0)
                .map(Packet::address)
                .toArray();
        if (LongStream.of(slots).distinct().count() < slots.length) {
            return -1;
        }
        if (slots.length == SLOTS) {
            for (long address : slots) {
                Packet.release(Packet.of(address, 0));
            }
            IDLE.add(pool);
        }
        return slots.length;
    }
}
