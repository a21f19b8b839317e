package org.barewire.core.linux;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// What is mapped where, for checked memory: every mapping that {@link Mman} makes is listed
/// here until it is unmapped, and `-Dbarewire.checked=true` holds each access against the list.
///
/// Neighbouring mappings are separate regions: an access that starts in one and ends in the next is a stray
/// one.
public final class MappedRegions {
    private record Region(long start, long end) {
        boolean holds(long address, long length) {
            return address >= start && address <= end && length >= 0 && length <= end - address;
        }
    }

    private static final Region NONE = new Region(0, 0);
    private static final ConcurrentSkipListMap<Long, Region> REGIONS = new ConcurrentSkipListMap<>();
    private static volatile Region last = NONE;

    private MappedRegions() {}

    static void add(long address, long length) {
        REGIONS.put(address, new Region(address, address + length));
    }

    static void remove(long address) {
        REGIONS.remove(address);
        last = NONE;
    }

    /// Throws {@link IndexOutOfBoundsException} unless the whole range lies in one region.
    public static void check(long address, long length) {
        if (last.holds(address, length)) {
            return;
        }
        Map.Entry<Long, Region> entry = REGIONS.floorEntry(address);
        if (entry == null || !entry.getValue().holds(address, length)) {
            throw new IndexOutOfBoundsException(
                    "access to %d bytes at 0x%x, which is not in mapped memory".formatted(length, address));
        }
        last = entry.getValue();
        if (REGIONS.get(entry.getKey()) != entry.getValue()) {
            last = NONE; // removed meanwhile, perhaps before it became the last one
        }
    }
}
