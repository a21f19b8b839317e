package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import org.barewire.drivers.ixgbe.IxgbeModel;

/// A network card on the PCI bus, as sysfs shows it.
///
/// @param address    as in `0000:03:00.0`
/// @param vendor     PCI vendor id, or -1 if sysfs doesn't tell
/// @param device     PCI device id, or -1 if sysfs doesn't tell
/// @param name       what it is called, or empty
/// @param driver     the kernel driver that has it, or empty
/// @param interfaces that the kernel driver made of it
/// @param numaNode   or -1
/// @param iommuGroup or empty
record PciCard(
        String address,
        long vendor,
        long device,
        String name,
        String driver,
        List<NetInterface> interfaces,
        long numaNode,
        String iommuGroup) {
    /// As in `8086:10fb`.
    String id() {
        return vendor < 0 || device < 0 ? "unknown id" : "%04x:%04x".formatted(vendor, device);
    }

    boolean hasDriver() {
        return vendor == IxgbeModel.VENDOR_ID
                && device >= 0
                && IxgbeModel.of((int) device).isPresent();
    }

    /// Why Barewire can't open it now, with what helps; empty if it can.
    ///
    /// @param pciIsOpened whether this program has a provider for PCI addresses
    List<String> obstacles(boolean pciIsOpened) {
        List<String> obstacles = new ArrayList<>();
        if (!pciIsOpened) {
            obstacles.add("this version opens no PCI cards. Use a simulated one: sim:a");
        }
        if (!hasDriver()) {
            obstacles.add("no Barewire driver for %s. There is one for the Intel 82599, X540 and X550".formatted(id()));
        }
        interfaces.forEach(i -> obstacles.addAll(i.uses(pciIsOpened && hasDriver())));
        return obstacles;
    }
}
