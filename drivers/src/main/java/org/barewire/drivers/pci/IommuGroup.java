package org.barewire.drivers.pci;

import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.linux.Vfio;

/// The devices that an IOMMU can't tell apart, and which so can only be used by one process, or by the kernel
/// (`Documentation/driver-api/vfio.rst`).
final class IommuGroup {
    /// Drivers beside which VFIO works (`vfio_dev_viable` in the kernel): `pcieport`'s bridges move no data of
    /// their own, and the other two do nothing at all.
    private static final List<String> HARMLESS = List.of("", "vfio-pci", "pci-stub", "pcieport");

    private IommuGroup() {}

    /// Opens a card's group, which can be opened once at a time.
    static int open(SystemFiles files, PciCard card) {
        String path = files.absolute("dev/vfio/" + card.iommuGroup());
        int group = openFile(path, card);
        if (!Vfio.isViable(group)) {
            Fd.close(group);
            throw new DeviceException(
                    card.address() + " can't be used: " + obstacle(files, card.iommuGroup(), card.address()));
        }
        return group;
    }

    private static int openFile(String path, PciCard card) {
        try {
            return Fd.open(path, Fd.O_RDWR);
        } catch (LinuxException e) {
            String why = switch (e.errno()) {
                case Errno.EBUSY ->
                    "another process uses it, or another device of IOMMU group %s: sudo fuser -v %s shows which"
                            .formatted(card.iommuGroup(), path);
                case Errno.EACCES, Errno.EPERM ->
                    "%s may not be opened by this user: sudo chown $USER %s, or run it as root".formatted(path, path);
                default -> String.valueOf(e.getMessage());
            };
            throw new DeviceException("%s can't be used: %s".formatted(card.address(), why), e);
        }
    }

    /// Which devices of a group, beside one, are still with the kernel, and what to do about it; empty if none is.
    static String obstacle(SystemFiles files, String group, String card) {
        StringBuilder text = new StringBuilder();
        for (String address : files.names("sys/kernel/iommu_groups/%s/devices".formatted(group))) {
            String driver = files.linkName(PciCards.DEVICES + address + "/driver");
            if (!address.equals(card) && !HARMLESS.contains(driver)) {
                text.append(text.isEmpty() ? "" : ", ").append("%s with %s".formatted(address, driver));
            }
        }
        return text.isEmpty()
                ? ""
                : ("IOMMU group %s can only be used as a whole, and the kernel still drives of it: %s. Unbind each,"
                                + " with 'echo ADDRESS | sudo tee /sys/bus/pci/devices/ADDRESS/driver/unbind', or put the"
                                + " card in another slot")
                        .formatted(group, text);
    }
}
