package org.barewire.drivers.pci;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/// The PCI drivers that this program was started with.
public final class PciDrivers {
    private static final List<PciDriver> ALL = load();

    private PciDrivers() {}

    private static List<PciDriver> load() {
        List<PciDriver> drivers = new ArrayList<>();
        ServiceLoader.load(PciDriver.class, PciDriver.class.getClassLoader()).forEach(drivers::add);
        drivers.sort(Comparator.comparing(PciDriver::name));
        return drivers;
    }

    /// All of them, by name.
    public static List<PciDriver> all() {
        return ALL;
    }

    /// The one that drives a device.
    public static Optional<PciDriver> find(PciId id) {
        return ALL.stream().filter(driver -> driver.drives(id)).findFirst();
    }

    /// For people, as in `igb, ixgbe`.
    public static String names() {
        return ALL.stream().map(PciDriver::name).collect(Collectors.joining(", "));
    }
}
