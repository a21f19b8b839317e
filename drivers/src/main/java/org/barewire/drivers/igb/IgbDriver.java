package org.barewire.drivers.igb;

import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.PciDriver;
import org.barewire.drivers.pci.PciId;
import org.barewire.drivers.pci.Throttle;

/// Drives Intel's 1 Gbit/s cards. See docs/igb.md.
public final class IgbDriver implements PciDriver {
    /// For the service loader.
    public IgbDriver() {}

    @Override
    public String name() {
        return "igb";
    }

    @Override
    public boolean drives(PciId id) {
        return IgbModel.of(id).isPresent();
    }

    @Override
    public String model(PciId id) {
        return "Intel " + IgbModel.of(id).orElseThrow();
    }

    @Override
    public NetDevice open(String name, PciDevice device, DeviceConfig config, Map<String, String> options) {
        return Igb.open(name, IgbModel.of(device.id()).orElseThrow(), device, config, options);
    }

    @Override
    public Map<String, String> options() {
        return Throttle.OPTIONS;
    }
}
