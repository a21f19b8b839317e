package org.barewire.core.packet;

import org.barewire.core.memory.PacketMemory;
import org.jspecify.annotations.Nullable;

/// Which pool a packet's slot belongs to: two array loads by address. A grain of memory belongs to one pool
/// at most.
final class PoolTable {
    private static final int GRAIN_BITS = Long.numberOfTrailingZeros(PacketMemory.GRAIN);
    private static final int LEAF_BITS = 11; // a leaf covers 4 GiB

    private static final @Nullable PacketPool[][] LEAVES =
            new @Nullable PacketPool[(int) ((PacketMemory.IO_MASK + 1) >>> (GRAIN_BITS + LEAF_BITS))][];
    private static final @Nullable PacketPool[] EMPTY = new @Nullable PacketPool[1 << LEAF_BITS];

    static {
        java.util.Arrays.fill(LEAVES, EMPTY);
    }

    private PoolTable() {}

    static @Nullable PacketPool find(long packet) {
        long grain = Packet.ioAddress(packet) >>> GRAIN_BITS;
        return LEAVES[(int) (grain >>> LEAF_BITS)][(int) grain & (1 << LEAF_BITS) - 1];
    }

    static synchronized void put(long address, long length, @Nullable PacketPool pool) {
        for (long offset = 0; offset < length; offset += PacketMemory.GRAIN) {
            long grain = PacketMemory.ioAddress(address + offset) >>> GRAIN_BITS;
            int leaf = (int) (grain >>> LEAF_BITS);
            if (LEAVES[leaf] == EMPTY) {
                LEAVES[leaf] = new @Nullable PacketPool[1 << LEAF_BITS];
            }
            LEAVES[leaf][(int) grain & (1 << LEAF_BITS) - 1] = pool;
        }
    }
}
