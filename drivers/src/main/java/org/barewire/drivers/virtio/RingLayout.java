package org.barewire.drivers.virtio;

import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.vhost.VirtioNet;

/// Where the parts of a virtqueue lie in packet memory: one block that holds all three, a cache line and
/// more apart.
///
/// @param packed      which kind of ring (2.7, 2.8)
/// @param size        descriptors, a power of two
/// @param descriptors the descriptor table, or the packed ring
/// @param driver      written by the driver: the available ring, or the driver's event suppression
/// @param device      written by the device: the used ring, or the device's event suppression
/// @param spare       the driver's own: for each descriptor a header and an indirect table
/// @param bytes       of the whole block, which begins at `descriptors`
record RingLayout(boolean packed, int size, long descriptors, long driver, long device, long spare, long bytes) {
    /// Descriptors of one indirect table, and so the most segments of a packet.
    static final int TABLE = 32;

    /// Bytes of `spare` for each descriptor.
    static final int SPARE = 16 + TABLE * VirtioNet.DESCRIPTOR;

    private static final int APART = 128;

    /// Zeroed memory for a ring.
    ///
    /// @param sends true if packets are sent through it, which takes spare memory
    static RingLayout allocate(PacketMemory memory, boolean packed, int size, boolean sends) {
        long driver = align((long) size * VirtioNet.DESCRIPTOR);
        long device = align(driver + (packed ? 4 : VirtioNet.RING_ENTRIES + 2L * size + 2));
        long spare = align(device + (packed ? 4 : VirtioNet.RING_ENTRIES + 8L * size + 2));
        long bytes = spare + (sends ? (long) size * SPARE : 0);
        long base = memory.allocateRing(bytes);
        return new RingLayout(packed, size, base, base + driver, base + device, base + spare, bytes);
    }

    void free(PacketMemory memory) {
        memory.freeRing(descriptors, bytes);
    }

    private static long align(long offset) {
        return offset + APART - 1 & -APART;
    }
}
