package org.barewire.core.memory;

import static org.barewire.core.linux.Mman.MAP_FIXED_NOREPLACE;
import static org.barewire.core.linux.Mman.MAP_LOCKED;
import static org.barewire.core.linux.Mman.MAP_SHARED;
import static org.barewire.core.linux.Mman.MFD_HUGETLB;
import static org.barewire.core.linux.Mman.MFD_HUGE_2MB;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.Pagemap;

/// The memory that devices read and write packets in.
///
/// It is mapped at `TAG | io address`, so the address a device must be given is the pointer with the tag
/// masked off, and a pointer means the same in every process that maps the memory. In the {@link
/// Layout#LINEAR} layout Barewire chooses the io addresses; in the {@link Layout#PHYSICAL} one they are the
/// machine's physical addresses, for a PCI device that no IOMMU translates for.
///
/// Memory comes in {@link Region}s, which may come and go while devices run: a device {@linkplain #attach
/// attaches} a mapper that is told of each. Any thread may call; nothing here belongs on the data path.
public final class PacketMemory implements AutoCloseable {
    /// Set in every address of packet memory, and in no io address.
    public static final long TAG = 0x5000_0000_0000L;

    /// The bits of an address that a device sees.
    public static final long IO_MASK = 0x0FFF_FFFF_FFFFL;

    /// Regions are whole multiples of this, and so aligned: the size of a huge page.
    public static final long GRAIN = 2L << 20;

    /// Where regions of the linear layout lie: clear of MSI's window at 0xFEE0_0000, below 2^38, which every
    /// IOMMU can translate, and above the memory of most machines, so that a process can have both layouts.
    private static final long LINEAR_START = 1L << 37;

    private static final long LINEAR_END = 1L << 38;
    private static long nextLinear = LINEAR_START; // guarded by the class

    /// How io addresses come about.
    public enum Layout {
        /// Chosen by Barewire: for IOMMUs, device models and memory that is shared with other processes.
        LINEAR,
        /// The physical addresses: for a PCI device without an IOMMU. Needs huge pages and CAP_SYS_ADMIN.
        PHYSICAL
    }

    /// Which pages regions are made of.
    public enum Pages {
        /// 2 MiB pages, or the region is refused.
        HUGE,
        /// 4 KiB pages.
        NORMAL,
        /// 2 MiB pages when enough of them are free, else 4 KiB pages.
        HUGE_IF_FREE
    }

    private static final class Standard {
        static final PacketMemory MEMORY = new PacketMemory(Layout.LINEAR, Pages.HUGE_IF_FREE, Numa.NO_NODE);
    }

    private Layout layout; // guarded by this
    private Pages pages; // guarded by this
    private final int numaNode;
    private final List<Region> regions = new ArrayList<>(); // guarded by this
    private final List<DmaMapper> mappers = new ArrayList<>(); // guarded by this
    private final Map<Integer, RingSpace> ringSpaces = new HashMap<>(); // by preferred node; guarded by this

    /// Memory without a region yet.
    ///
    /// @param numaNode the node its pages come from, or {@link Numa#NO_NODE}
    public PacketMemory(Layout layout, Pages pages, int numaNode) {
        if (layout == Layout.PHYSICAL && pages == Pages.NORMAL) {
            throw new IllegalArgumentException("the physical layout needs huge pages");
        }
        this.layout = layout;
        this.pages = layout == Layout.PHYSICAL ? Pages.HUGE : pages;
        this.numaNode = numaNode;
    }

    /// The process's own packet memory, which devices share unless they are opened with another one: linear,
    /// on huge pages if there are any.
    public static PacketMemory standard() {
        return Standard.MEMORY;
    }

    /// The address that a device must be given for a pointer into packet memory.
    public static long ioAddress(long address) {
        return address & IO_MASK;
    }

    public synchronized Layout layout() {
        return layout;
    }

    /// Changes to the physical layout, and so to huge pages; says whether it has it now. That is only
    /// possible while there is no region.
    public synchronized boolean usePhysicalLayout() {
        if (regions.isEmpty()) {
            layout = Layout.PHYSICAL;
            pages = Pages.HUGE;
        }
        return layout == Layout.PHYSICAL;
    }

    /// Adds a region of at least `length` zero bytes, rounded up to {@link #GRAIN}, and maps it for every
    /// attached device.
    ///
    /// @throws LinuxException if the memory is not to be had; nothing has changed then
    public Region add(long length) {
        return add(length, Numa.NO_NODE);
    }

    /// As above, with the pages of a NUMA node as long as the kernel has some there and lets the process
    /// choose, unless this memory was made for a node.
    ///
    /// @param preferredNode or {@link Numa#NO_NODE}
    public synchronized Region add(long length, int preferredNode) {
        if (length <= 0) {
            throw new IllegalArgumentException("a region of %d bytes".formatted(length));
        }
        long rounded = (length + GRAIN - 1) & -GRAIN;
        Region region = create(rounded, preferredNode);
        int mapped = 0;
        try {
            for (; mapped < mappers.size(); mapped++) {
                mappers.get(mapped).map(region);
            }
        } catch (RuntimeException e) {
            while (--mapped >= 0) {
                mappers.get(mapped).unmap(region);
            }
            destroy(region);
            throw e;
        }
        regions.add(region);
        return region;
    }

    /// Unmaps a region from every device and from the process. No device and no thread may use it any more.
    public synchronized void remove(Region region) {
        if (!regions.remove(region)) {
            throw new IllegalArgumentException("not a region of this memory: " + region);
        }
        for (DmaMapper mapper : mappers) {
            mapper.unmap(region);
        }
        destroy(region);
    }

    public synchronized List<Region> regions() {
        return List.copyOf(regions);
    }

    /// Maps every region, those that are there and those that come, until {@link #detach}.
    public synchronized void attach(DmaMapper mapper) {
        int mapped = 0;
        try {
            for (; mapped < regions.size(); mapped++) {
                mapper.map(regions.get(mapped));
            }
        } catch (RuntimeException e) {
            while (--mapped >= 0) {
                mapper.unmap(regions.get(mapped));
            }
            throw e;
        }
        mappers.add(mapper);
    }

    /// Unmaps every region from a device that has been attached.
    public synchronized void detach(DmaMapper mapper) {
        if (mappers.remove(mapper)) {
            regions.forEach(mapper::unmap);
        }
    }

    /// Zeroed memory for a descriptor ring or the like, contiguous for devices, aligned to its size or to 4
    /// KiB if that is less. {@link #freeRing} gives it back.
    public long allocateRing(long length) {
        return allocateRing(length, Numa.NO_NODE);
    }

    /// As above, of a NUMA node as far as {@link #add(long, int)} says.
    public synchronized long allocateRing(long length, int preferredNode) {
        return ringSpaces
                .computeIfAbsent(preferredNode, node -> new RingSpace(this, node))
                .allocate(length);
    }

    /// Gives back what {@link #allocateRing} gave. No device may use it any more.
    public synchronized void freeRing(long address, long length) {
        for (RingSpace space : ringSpaces.values()) {
            if (space.isFrom(address)) {
                space.free(address, length);
            }
        }
    }

    /// One sentence for people: how much there is, on which pages and, if not on huge ones, why.
    public synchronized String describe() {
        long bytes = regions.stream().mapToLong(Region::length).sum();
        long huge = regions.stream()
                .filter(r -> r.pageSize() == GRAIN)
                .mapToLong(Region::length)
                .sum();
        String on = huge == bytes ? "2 MiB pages" : huge == 0 ? "4 KiB pages" : "2 MiB and 4 KiB pages";
        String why = huge == bytes || pages == Pages.NORMAL
                ? ""
                : " (not enough free huge pages: sysctl vm.nr_hugepages=" + (bytes / GRAIN + 16) + ")";
        return "%d MiB of packet memory on %s%s".formatted(bytes >> 20, on, why);
    }

    /// Removes all regions. Devices must have been closed, pools not be in use any more.
    @Override
    public synchronized void close() {
        while (!regions.isEmpty()) {
            remove(regions.getLast());
        }
        ringSpaces.clear();
    }

    private Region create(long length, int preferredNode) {
        if (pages != Pages.NORMAL) {
            try {
                return layout == Layout.LINEAR
                        ? linear(length, GRAIN, MFD_HUGETLB | MFD_HUGE_2MB, preferredNode)
                        : physical(length, MFD_HUGETLB | MFD_HUGE_2MB, preferredNode);
            } catch (LinuxException e) {
                if (pages == Pages.HUGE) {
                    throw explained(e, length);
                }
            }
        }
        return linear(length, 4096, 0, preferredNode);
    }

    private static LinuxException explained(LinuxException e, long length) {
        String what = "allocate %d MiB on huge pages".formatted(length >> 20);
        return switch (e.errno()) {
            case Errno.ENOMEM ->
                new LinuxException(what, e.errno(), "Free some with: sysctl vm.nr_hugepages=" + (length / GRAIN + 16));
            case Errno.ENOSPC ->
                new LinuxException(
                        what,
                        e.errno(),
                        "There are some, but not on its NUMA node or not for its cgroup (hugetlb.2MB.max)");
            default -> e;
        };
    }

    private Region linear(long length, long pageSize, int memfdFlags, int preferredNode) {
        int fd = Mman.memfd("barewire", memfdFlags);
        try {
            Fd.truncate(fd, length);
            Fd.fixLength(fd);
            long address = mapLinear(fd, length);
            try {
                prepare(fd, address, length, preferredNode);
            } catch (RuntimeException | Error e) {
                Mman.unmap(address, length);
                throw e;
            }
            return new Region(fd, pageSize, List.of(new Region.Extent(address, length, 0)));
        } catch (RuntimeException | Error e) {
            Fd.close(fd);
            throw e;
        }
    }

    /// Maps at the next io address that is free, aligned to the length rounded up to a power of two, so that
    /// whether a packet lies in a pool can be told by a mask.
    private static long mapLinear(int fd, long length) {
        synchronized (PacketMemory.class) {
            long alignment = Math.max(GRAIN, Long.highestOneBit(2 * length - 1));
            long first = nextLinear;
            boolean wrapped = false;
            while (true) {
                long io = (nextLinear + alignment - 1) & -alignment;
                if (io + length > LINEAR_END) {
                    if (wrapped) {
                        throw new LinuxException("find %d free bytes of io addresses".formatted(length), Errno.ENOMEM);
                    }
                    wrapped = true;
                    nextLinear = LINEAR_START;
                    continue;
                }
                nextLinear = io + length;
                try {
                    return Mman.map(TAG | io, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
                } catch (LinuxException e) {
                    if (e.errno() != Errno.EEXIST || wrapped && nextLinear > first) {
                        throw e;
                    }
                }
            }
        }
    }

    private Region physical(long length, int memfdFlags, int preferredNode) {
        int fd = Mman.memfd("barewire", memfdFlags);
        List<Region.Extent> extents = new ArrayList<>();
        try {
            Fd.truncate(fd, length);
            Fd.fixLength(fd);
            long scratch = Mman.map(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            try {
                prepare(fd, scratch, length, preferredNode);
                for (long offset = 0; offset < length; offset += GRAIN) {
                    long address = TAG | Pagemap.physicalAddress(scratch + offset);
                    Mman.map(
                            address,
                            GRAIN,
                            PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_LOCKED,
                            fd,
                            offset);
                    extents.add(new Region.Extent(address, GRAIN, offset));
                }
            } finally {
                Mman.unmap(scratch, length);
            }
            return new Region(fd, GRAIN, List.copyOf(extents));
        } catch (RuntimeException | Error e) {
            extents.forEach(extent -> Mman.unmap(extent.address(), extent.length()));
            Fd.close(fd);
            throw e;
        }
    }

    /// Takes the pages from the wanted node, and touches them, so that no page fault happens on the data
    /// path. A page that can't be had fails its allocation; touching it would raise SIGBUS.
    private void prepare(int fd, long address, long length, int preferredNode) {
        if (numaNode != Numa.NO_NODE) {
            Numa.allocateOn(numaNode, () -> Fd.allocate(fd, length));
        } else {
            Numa.allocatePreferably(preferredNode, () -> Fd.allocate(fd, length));
        }
        for (long offset = 0; offset < length; offset += 4096) {
            Memory.putByte(address + offset, (byte) 0);
        }
    }

    private static void destroy(Region region) {
        region.extents().forEach(extent -> Mman.unmap(extent.address(), extent.length()));
        Fd.close(region.fd());
    }
}
