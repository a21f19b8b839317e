package org.barewire.core.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// First-fit space for descriptor rings, in regions of their own. Guarded by the {@link PacketMemory} it
/// belongs to.
final class RingSpace {
    private static final long ALIGNMENT = 4096;

    private final PacketMemory memory;
    private final int node;
    private final List<Region> regions = new ArrayList<>();
    private final TreeMap<Long, Long> free = new TreeMap<>(); // address to length

    /// @param node that regions are preferably on, or {@link org.barewire.core.linux.Numa#NO_NODE}
    RingSpace(PacketMemory memory, int node) {
        this.memory = memory;
        this.node = node;
    }

    long allocate(long length) {
        if (length <= 0) {
            throw new IllegalArgumentException("a ring of %d bytes".formatted(length));
        }
        long rounded = Math.max(64, Long.highestOneBit(2 * length - 1));
        long address = take(rounded);
        if (address == 0) {
            Region region = memory.add(rounded, node);
            regions.add(region);
            for (Region.Extent extent : region.extents()) {
                put(extent.address(), extent.length());
            }
            address = take(rounded);
        }
        if (address == 0) {
            throw new IllegalArgumentException(
                    "%d bytes of contiguous memory for a ring: more than a page of this layout".formatted(length));
        }
        Memory.fill(address, rounded, (byte) 0);
        return address;
    }

    void free(long address, long length) {
        put(address, Math.max(64, Long.highestOneBit(2 * length - 1)));
    }

    /// Whether an address is in a region of this space.
    boolean isFrom(long address) {
        return regions.stream()
                .anyMatch(region -> region.extents().stream().anyMatch(extent -> extent.contains(address, 1)));
    }

    private long take(long length) {
        long alignment = Math.min(length, ALIGNMENT);
        for (var entry : free.entrySet()) {
            long begin = entry.getKey(); // removing may change the entry
            long start = (begin + alignment - 1) & -alignment;
            long end = begin + entry.getValue();
            if (start + length <= end) {
                free.remove(begin);
                put(begin, start - begin);
                put(start + length, end - start - length);
                return start;
            }
        }
        return 0;
    }

    /// Adds free space, joined with its neighbours within the same grain, which are contiguous in every
    /// layout.
    private void put(long address, long length) {
        if (length == 0) {
            return;
        }
        long start = address;
        long end = address + length;
        var before = free.floorEntry(address);
        if (before != null && before.getKey() + before.getValue() == start && start % PacketMemory.GRAIN != 0) {
            start = before.getKey();
        }
        Long after = free.get(end);
        if (after != null && end % PacketMemory.GRAIN != 0) {
            free.remove(end);
            end += after;
        }
        free.put(start, end - start);
    }
}
