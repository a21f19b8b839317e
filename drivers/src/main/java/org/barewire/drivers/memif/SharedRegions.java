package org.barewire.drivers.memif;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;

/// Which packet memory a server has been given, and as which of its regions. Belongs to one queue, whose
/// packets mostly come from one region.
final class SharedRegions implements DmaMapper {
    private static final long MAX_LENGTH = 1L << 32; // an offset has 32 bits

    private final long[] starts;
    private final long[] ends;
    private final long[] offsets; // in the region's file
    private final int[] indexes;
    private int recent; // the extent that was found last

    /// @param regions at least one, in the order in which the server is told of them
    /// @param first   the number of the first one
    SharedRegions(List<Region> regions, int first) {
        List<Region.Extent> extents = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < regions.size(); i++) {
            for (Region.Extent extent : regions.get(i).extents()) {
                extents.add(extent);
                numbers.add(first + i);
            }
        }
        starts = extents.stream().mapToLong(Region.Extent::address).toArray();
        ends = extents.stream().mapToLong(e -> e.address() + e.length()).toArray();
        offsets = extents.stream().mapToLong(Region.Extent::fileOffset).toArray();
        indexes = numbers.stream().mapToInt(Integer::intValue).toArray();
    }

    /// A region can be shared if each of its bytes has an offset.
    static boolean isPossible(Region region) {
        return region.length() <= MAX_LENGTH;
    }

    /// Nothing: the server is told of regions before it is connected, and not of later ones.
    @Override
    public void map(Region region) {}

    /// Forgets a region, at whose addresses there may be another one later.
    @Override
    public void unmap(Region region) {
        for (Region.Extent extent : region.extents()) {
            for (int i = 0; i < starts.length; i++) {
                if (starts[i] == extent.address()) {
                    ends[i] = starts[i];
                }
            }
        }
    }

    /// Where an address is: the region's number in the upper half, the offset in the lower one; -1 if the
    /// server has not been given it.
    long find(long address) {
        int recent = this.recent;
        if (address >= starts[recent] && address < ends[recent]) {
            return place(recent, address);
        }
        return search(address);
    }

    private long search(long address) {
        for (int i = 0; i < starts.length; i++) {
            if (address >= starts[i] && address < ends[i]) {
                recent = i;
                return place(i, address);
            }
        }
        return -1;
    }

    private long place(int extent, long address) {
        return (long) indexes[extent] << 32 | offsets[extent] + address - starts[extent];
    }
}
