package org.barewire.core.linux;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// What is mapped where, for checked memory: every mapping that {@link Mman} makes is listed
/// here until it is unmapped, and `-Dbarewire.checked=true` holds each access against the list.
///
/// Neighbouring mappings are separate regions: an access that starts in one and ends in the next is a stray
/// one.
public final class MappedRegions {
    private record Region(long start, long end) {}

    private static final ConcurrentSkipListMap<Long, Region> REGIONS = new ConcurrentSkipListMap<>();
    private static volatile Region last = new Region(0, 0);

    private MappedRegions() {}

    static void add(long address, long length) {
        REGIONS.put(address, new Region(address, address + length));
    }

    static void remove(long address) {
        REGIONS.remove(address);
        last = new Region(0, 0);
    }

    /// Throws {@link IndexOutOfBoundsException} unless the whole range lies in one region.
    public static void check(long address, long length) {
        Region region = last;
        if (address >= region.start && address + length <= region.end && length >= 0) {
            return;
        }
        Map.Entry<Long, Region> entry = REGIONS.floorEntry(address);
        if (entry == null || length < 0 || address + length > entry.getValue().end) {
            throw new IndexOutOfBoundsException(
                    "access to %d bytes at 0x%x, which is not in mapped memory".formatted(length, address));
        }
        last = entry.getValue();
    }
}
