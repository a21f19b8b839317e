package org.barewire.drivers.pci;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.linux.Vfio;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Region;
import org.barewire.drivers.Undo;
import org.jspecify.annotations.Nullable;

/// The address space that all devices of this process have behind the IOMMU: a region is mapped when the
/// first of them wants it, and unmapped when none does any more.
final class VfioContainer implements DmaMapper {
    private static @Nullable VfioContainer shared; // guarded by the class

    private static final class Group {
        final int fd;
        int devices;

        Group(int fd) {
            this.fd = fd;
        }
    }

    private final SystemFiles files;
    private final int container;
    private final Map<String, Group> groups = new HashMap<>(); // guarded by the class
    private final Map<Region, Integer> mapped = new HashMap<>(); // how often; guarded by this
    private Vfio.@Nullable Iommu iommu; // guarded by this

    private VfioContainer(SystemFiles files) {
        this.files = files;
        try {
            this.container = Vfio.openContainer(files.absolute("dev/vfio/vfio"));
        } catch (LinuxException e) {
            throw new DeviceException("VFIO can't be used: %s".formatted(e.getMessage()), e);
        }
    }

    /// The process's container, with the card's group in it until {@link #leave}.
    static VfioContainer join(SystemFiles files, PciCard card) {
        synchronized (VfioContainer.class) {
            VfioContainer container = shared == null ? new VfioContainer(files) : shared;
            try {
                container.add(card);
            } catch (RuntimeException e) {
                if (container.groups.isEmpty()) {
                    Fd.close(container.container);
                }
                throw e;
            }
            shared = container;
            return container;
        }
    }

    private void add(PciCard card) {
        Group group = groups.get(card.iommuGroup());
        if (group == null) {
            try (Undo undo = new Undo()) {
                int fd = IommuGroup.open(files, card);
                undo.add(() -> Fd.close(fd));
                Vfio.join(fd, container);
                if (groups.isEmpty()) {
                    Vfio.useIommu(container);
                }
                learn(Vfio.iommu(container));
                group = new Group(fd);
                groups.put(card.iommuGroup(), group);
                undo.forget();
            }
        }
        group.devices++;
    }

    private synchronized void learn(Vfio.Iommu now) {
        iommu = now;
    }

    /// Opens a device of a group that has joined.
    int openDevice(PciCard card) {
        synchronized (VfioContainer.class) {
            Group group = groups.get(card.iommuGroup());
            if (group == null) {
                throw new IllegalStateException(card.iommuGroup() + " has not joined");
            }
            return Vfio.openDevice(group.fd, card.address());
        }
    }

    /// Takes a group away whose last device is closed, and the container with the last group.
    void leave(PciCard card) {
        synchronized (VfioContainer.class) {
            Group group = groups.get(card.iommuGroup());
            if (group != null && --group.devices == 0) {
                groups.remove(card.iommuGroup());
                Fd.close(group.fd);
                if (groups.isEmpty()) {
                    shared = null;
                    Fd.close(container);
                }
            }
        }
    }

    @Override
    public synchronized void map(Region region) {
        if (!mapped.containsKey(region)) {
            try (Undo undo = new Undo()) {
                for (Region.Extent extent : region.extents()) {
                    checkReach(extent);
                    Vfio.map(container, extent.address(), extent.ioAddress(), extent.length());
                    undo.add(() -> Vfio.unmap(container, extent.ioAddress(), extent.length()));
                }
                undo.forget();
            } catch (LinuxException e) {
                if (e.errno() == Errno.EEXIST) {
                    throw new DeviceException(
                            "packet memory at 0x%x is in the way of other packet memory that is mapped already"
                                    .formatted(region.extents().getFirst().ioAddress()),
                            e);
                }
                throw e;
            }
        }
        mapped.merge(region, 1, Integer::sum);
    }

    @Override
    public synchronized void unmap(Region region) {
        int count = mapped.getOrDefault(region, 0);
        if (count > 1) {
            mapped.put(region, count - 1);
        } else if (count == 1) {
            mapped.remove(region);
            for (Region.Extent extent : region.extents()) {
                Vfio.unmap(container, extent.ioAddress(), extent.length());
            }
        }
    }

    private void checkReach(Region.Extent extent) {
        if (iommu != null && !reaches(iommu, extent.ioAddress(), extent.length())) {
            throw new DeviceException(
                    "packet memory at 0x%x to 0x%x is out of the IOMMU's reach, which is %s: use a PacketMemory of %s"
                            .formatted(
                                    extent.ioAddress(),
                                    extent.ioAddress() + extent.length() - 1,
                                    describe(iommu),
                                    "the linear layout, or a processor whose IOMMU has 39 bits or more"));
        }
    }

    /// Kernels before Linux 5.4 don't tell the windows, and refuse to map what lies outside of them.
    static boolean reaches(Vfio.Iommu iommu, long address, long length) {
        boolean aligned = (address | length) % Long.lowestOneBit(iommu.pageSizes()) == 0;
        return aligned
                && (iommu.windows().isEmpty()
                        || iommu.windows().stream().anyMatch(window -> window.contains(address, length)));
    }

    private static String describe(Vfio.Iommu iommu) {
        return iommu.windows().stream()
                .map(window -> "0x%x to 0x%x".formatted(window.first(), window.last()))
                .collect(Collectors.joining(" and "));
    }
}
