package org.barewire.drivers.vfiouser;

import java.util.Map;
import java.util.TreeMap;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.Undo;
import org.barewire.drivers.pci.PciDriver;
import org.barewire.drivers.pci.PciDrivers;
import org.barewire.drivers.pci.PciId;

/// Opens `vfio-user:SOCKET`: a network card that another process plays, by whichever PCI driver knows it.
public final class VfioUserProvider implements DeviceProvider {
    /// For {@link java.util.ServiceLoader}.
    public VfioUserProvider() {}

    @Override
    public String scheme() {
        return "vfio-user";
    }

    @Override
    public String help() {
        return "vfio-user:SOCKET  a PCI network card that another process plays, like barewire nic --socket SOCKET";
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new TreeMap<>();
        PciDrivers.all().forEach(driver -> options.putAll(driver.options()));
        return options;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        if (name.path().isEmpty()) {
            throw new DeviceException("vfio-user: which socket? As in vfio-user:/run/nic.sock");
        }
        VfioUserDevice device = VfioUserDevice.open(name.path());
        try (Undo undo = new Undo()) {
            undo.add(device::close);
            PciDriver driver = driver(name, device.id());
            Map<String, String> options = driverOptions(driver, name);
            undo.forget(); // the driver closes it from here on
            return driver.open(name.toString(), device, config, options);
        } catch (DeviceException e) {
            if (device.ending().isEmpty()) {
                throw e;
            }
            throw new DeviceException("%s: the server %s".formatted(name.device(), device.ending()), e);
        }
    }

    private static PciDriver driver(DeviceName name, PciId id) {
        return PciDrivers.find(id)
                .orElseThrow(() -> new DeviceException("%s plays %s, and there is no driver for it. There are: %s"
                        .formatted(name.device(), id, PciDrivers.names())));
    }

    private static Map<String, String> driverOptions(PciDriver driver, DeviceName name) {
        Map<String, String> options = new TreeMap<>(name.options());
        options.keySet().removeAll(DeviceConfig.OPTIONS.keySet());
        for (String option : options.keySet()) {
            if (!driver.options().containsKey(option)) {
                throw new DeviceException("%s has no option '%s': it is not one of driver %s"
                        .formatted(name.device(), option, driver.name()));
            }
        }
        return options;
    }
}
