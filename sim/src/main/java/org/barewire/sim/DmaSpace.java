package org.barewire.sim;

import java.util.Arrays;
import org.barewire.core.memory.Region;

/// The io addresses that the device may access, and where they are in this process. Guarded by the model's
/// lock.
final class DmaSpace {
    private static final int ENTRY = 3; // first io address, the one after the last, address minus io address

    private long[] extents = new long[ENTRY * 8];
    private int used;
    private int last;

    void map(Region region) {
        for (Region.Extent extent : region.extents()) {
            if (used == extents.length) {
                extents = Arrays.copyOf(extents, 2 * used);
            }
            extents[used] = extent.ioAddress();
            extents[used + 1] = extent.ioAddress() + extent.length();
            extents[used + 2] = extent.address() - extent.ioAddress();
            used += ENTRY;
        }
    }

    void unmap(Region region) {
        for (Region.Extent extent : region.extents()) {
            for (int i = 0; i < used; i += ENTRY) {
                if (extents[i] == extent.ioAddress()) {
                    used -= ENTRY;
                    System.arraycopy(extents, used, extents, i, ENTRY);
                    break;
                }
            }
        }
        last = 0;
    }

    /// The address of `length` bytes that the device may access, or 0 if it may not access all of them.
    long translate(long io, long length) {
        long end = io + length;
        if (last < used && io >= extents[last] && end <= extents[last + 1]) {
            return io + extents[last + 2];
        }
        for (int i = 0; i < used; i += ENTRY) {
            if (io >= extents[i] && end <= extents[i + 1]) {
                last = i;
                return io + extents[i + 2];
            }
        }
        return 0;
    }
}
