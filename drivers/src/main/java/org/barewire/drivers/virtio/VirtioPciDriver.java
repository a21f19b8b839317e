package org.barewire.drivers.virtio;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.PciDriver;
import org.barewire.drivers.pci.PciId;

/// Drives virtio network devices on PCI: legacy, transitional and modern ones.
public final class VirtioPciDriver implements PciDriver {
    private static final int VENDOR = 0x1AF4;

    /// Device ids (4.1.2): a legacy or transitional network device, and a modern one.
    private static final int TRANSITIONAL = 0x1000;

    private static final int MODERN = 0x1041;

    /// For {@link java.util.ServiceLoader}.
    public VirtioPciDriver() {}

    @Override
    public String name() {
        return "virtio";
    }

    @Override
    public boolean drives(PciId id) {
        return id.vendor() == VENDOR && (id.device() == TRANSITIONAL || id.device() == MODERN);
    }

    @Override
    public String model(PciId id) {
        return id.device() == MODERN ? "virtio network device" : "virtio network device, legacy or transitional";
    }

    @Override
    public NetDevice open(String name, PciDevice device, DeviceConfig config, Map<String, String> options) {
        return VirtioPci.open(name, device, config, options);
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>(VirtioOptions.OPTIONS);
        options.put("vlans", "the only VLANs to receive, a list of numbers; all");
        return options;
    }
}
