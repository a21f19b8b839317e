package org.barewire.drivers.vhost;

import java.util.ArrayList;
import java.util.List;

/// The memory of a guest as its front end has told: a table of regions that does not change; a new one
/// replaces it.
final class GuestMemory {
    /// The most regions that a front end may add one by one.
    static final int MOST_REGIONS = 64;

    static final GuestMemory NONE = new GuestMemory(List.of());

    private static final int HEADER = 8; // of messages: the number of regions and padding, or padding alone

    private final List<GuestRegion> regions;
    private final long[] start; // of each region, as descriptors have it
    private final long[] size;
    private final long[] shift; // from a descriptor's address to this process's

    /// @throws ProtocolException if there are too many, or two have a guest address in common
    GuestMemory(List<GuestRegion> regions) {
        if (regions.size() > MOST_REGIONS) {
            throw new ProtocolException("more than %d memory regions".formatted(MOST_REGIONS));
        }
        this.regions = List.copyOf(regions);
        this.start = regions.stream().mapToLong(GuestRegion::guest).toArray();
        this.size = regions.stream().mapToLong(GuestRegion::size).toArray();
        this.shift = regions.stream().mapToLong(r -> r.address() - r.guest()).toArray();
        for (int i = 0; i < regions.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (regions.get(i).overlaps(regions.get(j))) {
                    throw new ProtocolException("overlapping memory regions");
                }
            }
        }
    }

    /// The table that a SET_MEM_TABLE tells, mapped.
    static GuestMemory map(VhostMessage message) {
        ProtocolException.unlessSize(message, HEADER);
        int count = message.getInt(0);
        if (count < 0 || count > VhostMessage.MAX_REGIONS) {
            throw new ProtocolException("%d memory regions in a message".formatted(count));
        }
        ProtocolException.unlessSize(message, HEADER + count * VhostMessage.REGION);
        ProtocolException.unlessFds(message, count);
        List<GuestRegion> mapped = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                mapped.add(GuestRegion.map(message, HEADER + i * VhostMessage.REGION));
            }
            return new GuestMemory(mapped);
        } catch (RuntimeException e) {
            mapped.forEach(GuestRegion::unmap);
            throw e;
        }
    }

    /// This table with the region that an ADD_MEM_REG tells, mapped.
    GuestMemory with(VhostMessage message) {
        ProtocolException.unlessSize(message, HEADER + VhostMessage.REGION);
        ProtocolException.unlessFds(message, 1);
        List<GuestRegion> all = new ArrayList<>(regions);
        all.add(GuestRegion.map(message, HEADER));
        try {
            return new GuestMemory(all);
        } catch (ProtocolException e) {
            all.getLast().unmap();
            throw e;
        }
    }

    /// This table without the region that a REM_MEM_REG tells, which stays mapped.
    GuestMemory without(VhostMessage message) {
        ProtocolException.unlessSize(message, HEADER + VhostMessage.REGION);
        List<GuestRegion> others = new ArrayList<>(regions);
        boolean found = others.removeIf(region ->
                region.is(message.getLong(HEADER), message.getLong(HEADER + 8), message.getLong(HEADER + 16)));
        if (!found) {
            throw new ProtocolException("the removal of a memory region that is not there");
        }
        return new GuestMemory(others);
    }

    /// Unmaps the regions that another table does not have.
    void unmapAllBut(GuestMemory kept) {
        for (GuestRegion region : regions) {
            if (!kept.regions.contains(region)) {
                region.unmap();
            }
        }
    }

    /// Number of the region that a descriptor's address lies in, or -1.
    int find(long address) {
        for (int i = 0; i < start.length; i++) {
            if (Long.compareUnsigned(address - start[i], size[i]) < 0) {
                return i;
            }
        }
        return -1;
    }

    long start(int region) {
        return start[region];
    }

    long size(int region) {
        return size[region];
    }

    long shift(int region) {
        return shift[region];
    }

    /// The address in this process of `length` bytes that the front end has at `user`.
    ///
    /// @param alignment a power of two
    /// @throws ProtocolException if they are not all in one region, or not aligned
    long ringAddress(String what, long user, long length, int alignment) {
        for (GuestRegion region : regions) {
            long offset = user - region.user();
            if (offset >= 0 && offset <= region.size() - length) {
                long address = region.address() + offset;
                if ((address & alignment - 1) != 0) {
                    throw new ProtocolException(
                            "%s of a ring at 0x%x, not aligned to %d".formatted(what, user, alignment));
                }
                return address;
            }
        }
        throw new ProtocolException(
                "%s of a ring, %d bytes at 0x%x, outside of all memory regions".formatted(what, length, user));
    }
}
