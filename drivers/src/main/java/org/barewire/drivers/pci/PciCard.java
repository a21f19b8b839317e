package org.barewire.drivers.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A network card on the PCI bus, as sysfs shows it.
///
/// @param address    as in `0000:03:00.0`
/// @param id         or null if sysfs doesn't tell
/// @param name       what it is called, or empty
/// @param driver     the kernel driver that has it, or empty
/// @param interfaces that the kernel driver made of it
/// @param numaNode   or {@link org.barewire.core.linux.Numa#NO_NODE}
/// @param iommuGroup or empty
public record PciCard(
        String address,
        @Nullable PciId id,
        String name,
        String driver,
        List<KernelInterface> interfaces,
        int numaNode,
        String iommuGroup) {
    /// As in `8086:10fb`.
    public String idText() {
        return id == null ? "unknown id" : id.toString();
    }

    /// Whether one of Barewire's drivers drives it.
    public boolean hasDriver() {
        return driverHere().isPresent();
    }

    /// Barewire's driver for it.
    Optional<PciDriver> driverHere() {
        return id == null ? Optional.empty() : PciDrivers.find(id);
    }

    /// Its id, for those who have seen that there is one.
    PciId knownId() {
        return Objects.requireNonNull(id);
    }

    /// Why Barewire can't open it now, with what helps; empty if it can.
    public List<String> obstacles() {
        List<String> obstacles = new ArrayList<>();
        if (!hasDriver()) {
            obstacles.add(
                    "no Barewire driver for %s. There are drivers for: %s".formatted(idText(), PciDrivers.names()));
        }
        obstacles.addAll(uses());
        return obstacles;
    }

    /// Why the kernel should keep it, with what changes that; empty if nothing speaks against taking it.
    List<String> uses() {
        return interfaces.stream().flatMap(i -> i.uses(hasDriver()).stream()).toList();
    }
}
