package org.barewire.drivers.pci;

import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.memory.PacketMemory;

/// Takes PCI devices from the kernel, for drivers and for those who want to try a device by hand.
public final class PciDevices {
    private final SystemFiles files;
    private final PciCards cards;

    /// Those of the machine.
    public PciDevices() {
        this(SystemFiles.ofMachine(), new PciCards());
    }

    PciDevices(SystemFiles files, PciCards cards) {
        this.files = files;
        this.cards = cards;
    }

    /// Takes the device at an address, through VFIO if it is in an IOMMU group and through sysfs if not. Its bus
    /// mastering is off.
    ///
    /// @param address as in `0000:03:00.0`
    /// @param memory  what the device will work on: without an IOMMU it is made physical
    /// @param force   take it even if the kernel uses it for traffic, whose addresses and routes are lost
    /// @throws DeviceException if it can't be had; it is the kernel's as before then
    public PciDevice open(String address, PacketMemory memory, boolean force) {
        return open(find(address), memory, force);
    }

    PciDevice open(PciCard card, PacketMemory memory, boolean force) {
        if (!force) {
            checkUnused(card);
        }
        try {
            return take(card, memory);
        } catch (LinuxException e) {
            throw new DeviceException("%s: %s".formatted(card.address(), e.getMessage()), e);
        }
    }

    /// The card at an address, whose id is known.
    PciCard find(String address) {
        PciCard card = cards.find(address)
                .orElseThrow(() -> new DeviceException(
                        "there is no PCI device %s. 'barewire devices' lists the network cards that there are"
                                .formatted(address)));
        if (card.id() == null) {
            throw new DeviceException("%s: sysfs does not tell what it is".formatted(address));
        }
        return card;
    }

    private static void checkUnused(PciCard card) {
        List<String> uses = card.uses();
        if (!uses.isEmpty()) {
            throw new DeviceException("%s is %s; or take it as it is: %s?force=yes"
                    .formatted(card.address(), String.join("; and ", uses), card.address()));
        }
    }

    private PciDevice take(PciCard card, PacketMemory memory) {
        PciDevice device;
        if (card.iommuGroup().isEmpty()) {
            PhysicalDma.prepare(card.address(), memory);
            device = SysfsDevice.open(files, card);
        } else {
            device = VfioDevice.open(files, card);
        }
        if (device.config().read32(0) == -1) {
            device.close();
            throw new DeviceException(card.address() + " does not answer: it was removed, or has no power");
        }
        return device;
    }
}
