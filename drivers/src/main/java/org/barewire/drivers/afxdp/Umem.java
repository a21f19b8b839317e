package org.barewire.drivers.afxdp;

import static org.barewire.core.linux.Mman.MAP_ANONYMOUS;
import static org.barewire.core.linux.Mman.MAP_FIXED;
import static org.barewire.core.linux.Mman.MAP_PRIVATE;
import static org.barewire.core.linux.Mman.MAP_SHARED;
import static org.barewire.core.linux.Mman.PROT_NONE;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.XdpSocket;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// The packet memory that a socket registers: every region that there is, one behind the other, first of all
/// that of its own receive buffers. Addresses in the socket's rings are offsets into that row.
///
/// So packets that other ports have received are sent from where they lie, if those ports' memory was there
/// when the socket was made. A region that is removed later stays pinned until the socket is closed, but its
/// part is closed: at its addresses there may be other memory by then.
final class Umem implements DmaMapper {
    /// A region's place in the row.
    ///
    /// @param start  first address
    /// @param end    first address after it
    /// @param offset of its first byte in the row
    record Part(long start, long end, long offset) {
        boolean holds(long address) {
            return address >= start && address < end;
        }

        boolean holdsOffset(long inRow) {
            return inRow >= offset && inRow - offset < end - start;
        }
    }

    private final long length;
    private final List<Part> all; // what was registered, in the order of offsets
    private volatile List<Part> open; // what may be sent from; written by the control plane, read by the sender

    /// @param regions in the order of the row, which the socket's own begins
    Umem(List<Region> regions) {
        List<Part> parts = new ArrayList<>();
        long offset = 0;
        for (Region region : regions) {
            parts.add(new Part(region.address(), region.address() + region.length(), offset));
            offset += region.length();
        }
        this.length = offset;
        this.all = List.copyOf(parts);
        this.open = all;
    }

    /// Registers all memory for a socket, or the region `own` alone where the process may not lock more.
    static Umem register(int socket, PacketMemory memory, Region own, int chunk) {
        List<Region> regions = new ArrayList<>(List.of(own));
        memory.regions().stream().filter(region -> region != own).forEach(regions::add);
        try {
            return register(socket, regions, chunk);
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOBUFS || regions.size() == 1) {
                throw e;
            }
        }
        return register(socket, List.of(own), chunk);
    }

    /// Maps the regions side by side for as long as it takes the kernel to find their pages.
    private static Umem register(int socket, List<Region> regions, int chunk) {
        Umem umem = new Umem(regions);
        long reserved = umem.length + PacketMemory.GRAIN;
        long reservation = Mman.map(0, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        long start = reservation + PacketMemory.GRAIN - 1 & -PacketMemory.GRAIN;
        long end = start;
        try {
            for (Region region : regions) {
                Mman.map(end, region.length(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, region.fd(), 0);
                end += region.length();
            }
            XdpSocket.registerMemory(socket, start, umem.length, chunk);
            return umem;
        } finally {
            for (Part part : umem.all) {
                if (start + part.offset < end) {
                    Mman.unmap(start + part.offset, part.end - part.start);
                }
            }
            unmap(reservation, start);
            unmap(end, reservation + reserved);
        }
    }

    private static void unmap(long from, long to) {
        if (from < to) {
            Mman.unmap(from, to - from);
        }
    }

    long length() {
        return length;
    }

    /// The region of the socket's own receive buffers.
    Part own() {
        return all.getFirst();
    }

    /// What may be sent from where it lies: another list when that has changed.
    List<Part> open() {
        return open;
    }

    /// The part that an offset is in.
    Part at(long offset) {
        int i = 0;
        while (!all.get(i).holdsOffset(offset)) {
            i++;
        }
        return all.get(i);
    }

    /// The address of an offset in the row.
    long address(long offset) {
        Part part = at(offset);
        return part.start + offset - part.offset;
    }

    /// What comes later is not registered.
    @Override
    public void map(Region region) {}

    @Override
    public void unmap(Region region) {
        open = open.stream()
                .filter(part -> part.start != region.address() || part == own())
                .toList();
    }
}
