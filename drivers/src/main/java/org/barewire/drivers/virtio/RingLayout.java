package org.barewire.drivers.virtio;

import org.barewire.core.memory.PacketMemory;
import org.barewire.drivers.Undo;
import org.barewire.drivers.vhost.VirtioNet;

/// Where the parts of a virtqueue lie in packet memory: one block that holds all three, and one for what only
/// the driver needs.
///
/// @param packed      which kind of ring (2.7, 2.8)
/// @param size        descriptors, a power of two
/// @param descriptors the descriptor table, or the packed ring
/// @param driver      written by the driver: the available ring, or the driver's event suppression
/// @param device      written by the device: the used ring, or the device's event suppression
/// @param bytes       of the block of those three, which begins at `descriptors`
/// @param spare       for each descriptor of a ring that sends, a header and an indirect table; otherwise 0
record RingLayout(boolean packed, int size, long descriptors, long driver, long device, long bytes, long spare) {
    /// Descriptors of one indirect table, and so the most segments of a packet.
    static final int TABLE = 31;

    /// Bytes of `spare` for each descriptor.
    static final int SPARE = 16 + TABLE * VirtioNet.DESCRIPTOR;

    /// The least between what the driver and what the device writes: two cache lines.
    static final int APART = 128;

    /// What a legacy device on PCI expects there (2.7.2).
    static final int LEGACY_ALIGNMENT = 4096;

    /// Zeroed memory for a ring.
    ///
    /// @param node      NUMA node, where memory is taken from as long as there is some
    /// @param alignment of what the device writes, within the block
    /// @param sends     true if packets are sent through it, which takes spare memory
    static RingLayout allocate(PacketMemory memory, int node, boolean packed, int size, int alignment, boolean sends) {
        long driver = (long) size * VirtioNet.DESCRIPTOR;
        long device = driver + (packed ? 4 : VirtioNet.RING_ENTRIES + 2L * size + 2) + alignment - 1 & -alignment;
        long bytes = device + (packed ? 4 : VirtioNet.RING_ENTRIES + 8L * size + 2);
        try (Undo undo = new Undo()) {
            long base = memory.allocateRing(bytes, node);
            undo.add(() -> memory.freeRing(base, bytes));
            long spare = sends ? memory.allocateRing((long) size * SPARE, node) : 0;
            undo.forget();
            return new RingLayout(packed, size, base, base + driver, base + device, bytes, spare);
        }
    }

    void free(PacketMemory memory) {
        memory.freeRing(descriptors, bytes);
        if (spare != 0) {
            memory.freeRing(spare, (long) size * SPARE);
        }
    }
}
