package org.barewire.drivers.pci;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.Finding;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.OptionReader;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.SystemFiles;

/// Opens network cards by their PCI addresses: through VFIO if they are behind an IOMMU, through sysfs if
/// not. See docs/pci.md.
public final class PciProvider implements DeviceProvider {
    private static final String FORCE = "force";

    /// For {@link java.util.ServiceLoader}.
    public PciProvider() {}

    @Override
    public String scheme() {
        return DeviceName.PCI;
    }

    @Override
    public String help() {
        return "0000:03:00.0  a network card on the PCI bus, taken from the kernel: " + PciDrivers.names();
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new TreeMap<>();
        PciDrivers.all().forEach(driver -> options.putAll(driver.options()));
        options.put(FORCE, "yes: take the card even if the kernel uses it: its addresses and routes are lost");
        return options;
    }

    @Override
    public List<Finding> examine(DeviceName name) {
        return new PciDoctor(SystemFiles.ofMachine(), new PciCards()).examine(name.path());
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        try {
            return open(new PciDevices(), name, config);
        } catch (LinuxException e) {
            throw new DeviceException("%s: %s".formatted(name.device(), e.getMessage()), e);
        }
    }

    static NetDevice open(PciDevices devices, DeviceName name, DeviceConfig config) {
        PciCard card = devices.find(name.path());
        PciDriver driver = card.driverHere()
                .orElseThrow(() ->
                        new DeviceException("%s is %s, and there is no driver for it. There are drivers for: %s"
                                .formatted(
                                        card.address(),
                                        (card.idText() + " " + card.name()).strip(),
                                        PciDrivers.names())));
        Map<String, String> options = driverOptions(driver, name);
        boolean force = new OptionReader(name.options()).flag(FORCE, false);
        DeviceConfig near = config.withNumaNode(card.numaNode());
        return driver.open(name.toString(), devices.open(card, config.memory(), force), near, options);
    }

    private static Map<String, String> driverOptions(PciDriver driver, DeviceName name) {
        Map<String, String> options = new TreeMap<>(name.options());
        options.keySet().removeAll(DeviceConfig.OPTIONS.keySet());
        options.remove(FORCE);
        for (String option : options.keySet()) {
            if (!driver.options().containsKey(option)) {
                throw new DeviceException("%s has no option '%s': driver %s does not know it"
                        .formatted(name.device(), option, driver.name()));
            }
        }
        return options;
    }
}
