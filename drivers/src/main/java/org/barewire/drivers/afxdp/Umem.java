package org.barewire.drivers.afxdp;

import java.util.Comparator;
import java.util.List;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// The packet memory that a socket registers: the region of its receive buffers and all that adjoin it, since
/// the kernel wants one range of addresses without holes.
///
/// So packets that were received by other ports are sent from where they lie, if those ports' memory was there
/// when the socket was made. A region that is removed later stays pinned until the socket is closed, but what
/// is mapped at its addresses next is other memory: the window of what may be sent shrinks.
final class Umem implements DmaMapper {
    private final Region own;
    private final long base;
    private final long length;
    private volatile long windowStart; // written by the control plane, read by the send queue's thread
    private volatile long windowEnd;

    private Umem(Region own, long base, long length) {
        this.own = own;
        this.base = base;
        this.length = length;
        this.windowStart = base;
        this.windowEnd = base + length;
    }

    /// All that adjoins a region now.
    static Umem around(Region own, PacketMemory memory) {
        List<Region> regions = memory.regions().stream()
                .sorted(Comparator.comparingLong(Region::address))
                .toList();
        long start = own.address();
        long end = start + own.length();
        for (Region region : regions) {
            end = region.address() == end ? end + region.length() : end;
        }
        for (Region region : regions.reversed()) {
            start = region.address() + region.length() == start ? region.address() : start;
        }
        return new Umem(own, start, end - start);
    }

    /// A region alone.
    static Umem of(Region own) {
        return new Umem(own, own.address(), own.length());
    }

    /// First address; offsets in rings are relative to it.
    long base() {
        return base;
    }

    long length() {
        return length;
    }

    boolean isOwnAlone() {
        return length == own.length();
    }

    /// First address of what may be sent from where it lies.
    long windowStart() {
        return windowStart;
    }

    /// First address after it.
    long windowEnd() {
        return windowEnd;
    }

    /// What comes later is not registered.
    @Override
    public void map(Region region) {}

    @Override
    public void unmap(Region region) {
        if (region.address() > own.address()) {
            windowEnd = Math.min(windowEnd, region.address());
        }
        if (region.address() < own.address()) {
            windowStart = Math.max(windowStart, region.address() + region.length());
        }
    }
}
