package org.barewire.drivers.vfiouser;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.pci.PciDriver;
import org.barewire.drivers.pci.PciId;

/// Opens `vfio-user:SOCKET`: a network card that another process plays, by whichever PCI driver knows it.
public final class VfioUserProvider implements DeviceProvider {
    /// For {@link ServiceLoader}.
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
        Map<String, String> options = new LinkedHashMap<>();
        drivers().forEach(driver -> options.putAll(driver.options()));
        return options;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        if (name.path().isEmpty()) {
            throw new DeviceException("vfio-user: which socket? As in vfio-user:/run/nic.sock");
        }
        VfioUserDevice device = VfioUserDevice.open(name.path());
        PciDriver driver;
        try {
            driver = driver(name, device.id());
        } catch (DeviceException e) {
            device.close();
            throw e;
        }
        try {
            return driver.open(name.toString(), device, config, optionsFor(driver, name));
        } catch (DeviceException e) {
            if (device.ending().isEmpty()) {
                throw e;
            }
            throw new DeviceException("%s: the server %s".formatted(name.device(), device.ending()), e);
        }
    }

    private static PciDriver driver(DeviceName name, PciId id) {
        List<PciDriver> drivers = drivers();
        return drivers.stream()
                .filter(driver -> driver.drives(id))
                .findFirst()
                .orElseThrow(() -> new DeviceException("%s: no driver here knows %s. There are: %s"
                        .formatted(
                                name.device(),
                                id,
                                drivers.stream().map(PciDriver::name).collect(Collectors.joining(", ")))));
    }

    private static Map<String, String> optionsFor(PciDriver driver, DeviceName name) {
        Map<String, String> options = new LinkedHashMap<>(name.options());
        options.keySet().removeIf(option -> DeviceConfig.OPTIONS.containsKey(option));
        for (String option : options.keySet()) {
            if (!driver.options().containsKey(option)) {
                throw new DeviceException(
                        "%s: the driver %s has no option '%s'".formatted(name.device(), driver.name(), option));
            }
        }
        return options;
    }

    private static List<PciDriver> drivers() {
        return ServiceLoader.load(PciDriver.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }
}
