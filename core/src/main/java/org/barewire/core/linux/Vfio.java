package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// PCI devices and their IOMMU in a process's hands (`linux/vfio.h`, `Documentation/driver-api/vfio.rst`): a
/// *container* is an IOMMU's address space, *groups* of devices that it can't tell apart join it, and each
/// device of a group is a file.
///
/// Files are `int`s that the caller owns. Any thread may call; every failure throws {@link LinuxException}.
public final class Vfio {
    /// A part of a device's file: a BAR, or configuration space.
    ///
    /// @param length   bytes, 0 if the device has no such region
    /// @param start    offset in the device's file
    /// @param mappable it can be mapped; if not, it is read and written
    public record Region(long length, long start, boolean mappable) {}

    /// Addresses that a device can be given, `first` and `last` among them.
    public record Window(long first, long last) {
        public boolean contains(long address, long length) {
            return Long.compareUnsigned(address, first) >= 0 && Long.compareUnsigned(address + length - 1, last) <= 0;
        }
    }

    /// What a container's IOMMU can do.
    ///
    /// @param pageSizes sizes of pages that it can map, or'ed together
    /// @param windows   the addresses that it can map; empty if the kernel doesn't tell (before Linux 5.4)
    public record Iommu(long pageSizes, List<Window> windows) {}

    /// Region index of configuration space; those of BARs are their numbers.
    public static final int CONFIG = 7;

    /// Kinds of interrupts.
    public static final int INTX = 0;
    public static final int MSI = 1;
    public static final int MSIX = 2;

    /// The kernel's own: it wants the device back, and waits until it is closed.
    public static final int REQUEST = 4;

    private static final int REQUESTS = ';' << 8 | 100; // VFIO_TYPE, VFIO_BASE
    private static final int GET_API_VERSION = REQUESTS;
    private static final int CHECK_EXTENSION = REQUESTS + 1;
    private static final int SET_IOMMU = REQUESTS + 2;
    private static final int GROUP_GET_STATUS = REQUESTS + 3;
    private static final int GROUP_SET_CONTAINER = REQUESTS + 4;
    private static final int GROUP_GET_DEVICE_FD = REQUESTS + 6;
    private static final int DEVICE_GET_REGION_INFO = REQUESTS + 8;
    private static final int DEVICE_GET_IRQ_INFO = REQUESTS + 9;
    private static final int DEVICE_SET_IRQS = REQUESTS + 10;
    private static final int DEVICE_RESET = REQUESTS + 11;
    private static final int IOMMU_GET_INFO = REQUESTS + 12;
    private static final int IOMMU_MAP_DMA = REQUESTS + 13;
    private static final int IOMMU_UNMAP_DMA = REQUESTS + 14;

    private static final int API_VERSION = 0;
    private static final int TYPE1V2_IOMMU = 3;
    private static final int GROUP_VIABLE = 1;
    private static final int REGION_MMAP = 1 << 2;
    private static final int DMA_READ_WRITE = 3;
    private static final int IOMMU_CAPABILITIES = 1 << 1;
    private static final int IOVA_RANGES = 1;
    private static final int DATA_NONE = 1;
    private static final int DATA_EVENTFD = 1 << 2;
    private static final int ACTION_UNMASK = 1 << 4;
    private static final int ACTION_TRIGGER = 1 << 5;

    private Vfio() {}

    /// Opens a container, and sees that the kernel's VFIO is one that is known here.
    ///
    /// @param path `/dev/vfio/vfio`
    public static int openContainer(String path) {
        int container = Fd.open(path, Fd.O_RDWR);
        try {
            int version = Ioctl.call(container, GET_API_VERSION, 0, "ask for the version of VFIO");
            boolean type1 = Ioctl.call(container, CHECK_EXTENSION, TYPE1V2_IOMMU, "ask for VFIO's IOMMU driver") > 0;
            if (version != API_VERSION || !type1) {
                throw new LinuxException(
                        "use VFIO's IOMMU driver", Errno.ENODEV, "Load it: sudo modprobe vfio_iommu_type1");
            }
            return container;
        } catch (RuntimeException e) {
            Fd.close(container);
            throw e;
        }
    }

    /// Whether each device of the group is bound to VFIO or to no driver at all, without which the kernel
    /// gives none of them away.
    public static boolean isViable(int group) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(8, 8).fill((byte) 0);
            status.set(JAVA_INT, 0, 8);
            Ioctl.call(group, GROUP_GET_STATUS, status, "ask for the state of an IOMMU group");
            return (status.get(JAVA_INT, 4) & GROUP_VIABLE) != 0;
        }
    }

    /// Puts a group into a container.
    public static void join(int group, int container) {
        try (Arena arena = Arena.ofConfined()) {
            Ioctl.call(group, GROUP_SET_CONTAINER, arena.allocateFrom(JAVA_INT, container), "join an IOMMU group");
        }
    }

    /// Switches a container's IOMMU on, once its first group is in it.
    public static void useIommu(int container) {
        String what = "put devices behind the IOMMU";
        try {
            Ioctl.call(container, SET_IOMMU, TYPE1V2_IOMMU, what);
        } catch (LinuxException e) {
            String cure = e.errno() == Errno.EPERM
                    ? "Its interrupts are not isolated: switch interrupt remapping on in the firmware, or, if all"
                            + " that has the device is trusted: echo 1 | sudo tee"
                            + " /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
                    : "";
            throw new LinuxException(what, e.errno(), cure);
        }
    }

    /// What the IOMMU can do for the groups that have joined so far.
    public static Iommu iommu(int container) {
        try (Arena arena = Arena.ofConfined()) {
            int size = 24;
            MemorySegment info = iommuInfo(container, arena, size);
            if (info.get(JAVA_INT, 0) > size) { // the kernel says how much it would have liked
                info = iommuInfo(container, arena, info.get(JAVA_INT, 0));
            }
            return new Iommu(info.get(JAVA_LONG, 8), windows(info));
        }
    }

    private static MemorySegment iommuInfo(int container, Arena arena, int size) {
        MemorySegment info = arena.allocate(size, 8).fill((byte) 0);
        info.set(JAVA_INT, 0, size);
        Ioctl.call(container, IOMMU_GET_INFO, info, "ask what the IOMMU can map");
        return info;
    }

    /// Walks the capabilities behind `struct vfio_iommu_type1_info`: each has an id, and the next one's
    /// offset.
    private static List<Window> windows(MemorySegment info) {
        List<Window> windows = new ArrayList<>();
        int at = (info.get(JAVA_INT, 4) & IOMMU_CAPABILITIES) == 0 ? 0 : info.get(JAVA_INT, 16);
        while (at != 0) {
            if ((info.get(JAVA_INT, at) & 0xFFFF) == IOVA_RANGES) {
                int count = info.get(JAVA_INT, at + 8);
                for (int i = 0; i < count; i++) {
                    long range = at + 16 + 16L * i; // before Linux 6.6 not aligned to 8
                    windows.add(
                            new Window(info.get(JAVA_LONG_UNALIGNED, range), info.get(JAVA_LONG_UNALIGNED, range + 8)));
                }
            }
            at = info.get(JAVA_INT, at + 4);
        }
        return windows;
    }

    /// Lets a container's devices read and write memory of the process, which stays in its place until then.
    ///
    /// @param ioAddress what devices call it
    public static void map(int container, long address, long ioAddress, long length) {
        String what = "map %d KiB of memory at 0x%x for devices".formatted(length >> 10, ioAddress);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment map = arena.allocate(32, 8);
            map.set(JAVA_INT, 0, 32);
            map.set(JAVA_INT, 4, DMA_READ_WRITE);
            map.set(JAVA_LONG, 8, address);
            map.set(JAVA_LONG, 16, ioAddress);
            map.set(JAVA_LONG, 24, length);
            Ioctl.call(container, IOMMU_MAP_DMA, map, what);
        } catch (LinuxException e) {
            String cure = e.errno() == Errno.ENOMEM
                    ? "Memory that devices use is locked: raise the limit with 'sudo prlimit --memlock=unlimited"
                            + " --pid $$', or run as root"
                    : "";
            throw new LinuxException(what, e.errno(), cure);
        }
    }

    /// Takes what was mapped by one call of {@link #map} away from the container's devices.
    public static void unmap(int container, long ioAddress, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment unmap = arena.allocate(24, 8).fill((byte) 0);
            unmap.set(JAVA_INT, 0, 24);
            unmap.set(JAVA_LONG, 8, ioAddress);
            unmap.set(JAVA_LONG, 16, length);
            Ioctl.call(container, IOMMU_UNMAP_DMA, unmap, "unmap memory at 0x%x for devices".formatted(ioAddress));
        }
    }

    /// Opens a device of a group that is in a container with its IOMMU switched on.
    ///
    /// @param address as in `0000:03:00.0`
    public static int openDevice(int group, String address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(address, StandardCharsets.US_ASCII);
            return Ioctl.call(group, GROUP_GET_DEVICE_FD, name, "open " + address);
        }
    }

    /// A region of a device, by index.
    public static Region region(int device, int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(32, 8).fill((byte) 0);
            info.set(JAVA_INT, 0, 32);
            info.set(JAVA_INT, 8, index);
            Ioctl.call(device, DEVICE_GET_REGION_INFO, info, "ask for region %d of a device".formatted(index));
            boolean mappable = (info.get(JAVA_INT, 4) & REGION_MMAP) != 0;
            return new Region(info.get(JAVA_LONG, 16), info.get(JAVA_LONG, 24), mappable);
        }
    }

    /// How many interrupts of a kind ({@link #INTX}, …) a device has.
    public static int interrupts(int device, int kind) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(16, 8).fill((byte) 0);
            info.set(JAVA_INT, 0, 16);
            info.set(JAVA_INT, 8, kind);
            Ioctl.call(device, DEVICE_GET_IRQ_INFO, info, "ask for the interrupts of a device");
            return info.get(JAVA_INT, 12);
        }
    }

    /// Has each interrupt of a kind signal its event counter.
    public static void signal(int device, int kind, List<EventFd> events) {
        int count = events.size();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = irqSet(arena, DATA_EVENTFD | ACTION_TRIGGER, kind, count, 4 * count);
            for (int i = 0; i < count; i++) {
                set.set(JAVA_INT, 20 + 4L * i, events.get(i).fd());
            }
            String what = "switch %d interrupts on".formatted(count);
            int possible = Ioctl.call(device, DEVICE_SET_IRQS, set, what); // 0 if all are
            if (possible > 0) {
                throw new LinuxException(what, Errno.ENOSPC, "The machine has %d left".formatted(possible));
            }
        }
    }

    /// Switches all interrupts of a kind off.
    public static void silence(int device, int kind) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = irqSet(arena, DATA_NONE | ACTION_TRIGGER, kind, 0, 0);
            Ioctl.call(device, DEVICE_SET_IRQS, set, "switch interrupts off");
        }
    }

    /// Lets an INTx interrupt that the kernel has masked happen again.
    public static void unmask(int device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = irqSet(arena, DATA_NONE | ACTION_UNMASK, INTX, 1, 0);
            Ioctl.call(device, DEVICE_SET_IRQS, set, "unmask an interrupt");
        }
    }

    private static MemorySegment irqSet(Arena arena, int flags, int kind, int count, int dataBytes) {
        MemorySegment set = arena.allocate(20 + dataBytes, 8).fill((byte) 0);
        set.set(JAVA_INT, 0, 20 + dataBytes);
        set.set(JAVA_INT, 4, flags);
        set.set(JAVA_INT, 8, kind);
        set.set(JAVA_INT, 16, count);
        return set;
    }

    /// Resets a device.
    public static void reset(int device) {
        Ioctl.call(device, DEVICE_RESET, 0, "reset a device");
    }
}
