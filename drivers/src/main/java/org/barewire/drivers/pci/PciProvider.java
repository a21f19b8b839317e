package org.barewire.drivers.pci;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
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
    public NetDevice open(DeviceName name, DeviceConfig config) {
        try {
            return open(SystemFiles.ofMachine(), name, config);
        } catch (LinuxException e) {
            throw new DeviceException("%s: %s".formatted(name.device(), e.getMessage()), e);
        }
    }

    private static NetDevice open(SystemFiles files, DeviceName name, DeviceConfig config) {
        PciCard card = new PciCards(files, KernelInterface::addressesOf)
                .find(name.path())
                .orElseThrow(() ->
                        new DeviceException("there is no PCI device %s. 'barewire devices' lists those that there are"
                                .formatted(name.path())));
        PciId id = card.id();
        if (id == null) {
            throw new DeviceException("%s: sysfs does not tell what it is".formatted(card.address()));
        }
        PciDriver driver = PciDrivers.find(id)
                .orElseThrow(() ->
                        new DeviceException("%s is %s, and there is no driver for it. There are drivers for: %s"
                                .formatted(card.address(), (id + " " + card.name()).strip(), PciDrivers.names())));
        Map<String, String> options = driverOptions(driver, name);
        if (!new OptionReader(name.options()).flag(FORCE, false)) {
            checkUnused(card);
        }
        if (card.iommuGroup().isEmpty()) {
            PhysicalDma.prepare(card.address(), config.memory());
        }
        return driver.open(name.toString(), take(files, card, id), config, options);
    }

    private static Map<String, String> driverOptions(PciDriver driver, DeviceName name) {
        Map<String, String> options = new TreeMap<>(name.options());
        options.keySet().removeAll(DeviceConfig.OPTIONS.keySet());
        options.remove(FORCE);
        for (String option : options.keySet()) {
            if (!driver.options().containsKey(option)) {
                throw new DeviceException("%s has no option '%s': it is not one of driver %s"
                        .formatted(name.device(), option, driver.name()));
            }
        }
        return options;
    }

    private static void checkUnused(PciCard card) {
        List<String> uses = card.uses();
        if (!uses.isEmpty()) {
            throw new DeviceException("%s is %s; or take it as it is: %s?force=yes"
                    .formatted(card.address(), String.join("; and ", uses), card.address()));
        }
    }

    private static PciDevice take(SystemFiles files, PciCard card, PciId id) {
        PciDevice device =
                card.iommuGroup().isEmpty() ? SysfsDevice.open(files, card, id) : VfioDevice.open(files, card, id);
        if (device.config().read32(0) == -1) {
            device.close();
            throw new DeviceException(card.address() + " does not answer: it was removed, or has no power");
        }
        return device;
    }
}
