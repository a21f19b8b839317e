package org.barewire.drivers.pci;

import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;

/// A driver of network cards on the PCI bus, whoever gives access to them: VFIO, sysfs, or a vfio-user
/// server. Drivers plug in as a {@link java.util.ServiceLoader} service of this type.
public interface PciDriver {
    /// As in `ixgbe`.
    String name();

    /// Whether it drives devices like this.
    boolean drives(PciId id);

    /// The model's name for people, as in `Intel 82599ES`; only asked for devices that it drives.
    String model(PciId id);

    /// Takes over a device: resets it and brings its link up, queues stopped.
    ///
    /// The {@link NetDevice} owns `device` from the call on: it closes it when it is closed itself or could not
    /// be opened, after DMA has stopped.
    ///
    /// @param name    the name that the user opened it by
    /// @param options those of the name that {@link DeviceConfig} does not know, all of them from
    ///     {@link #options}
    /// @throws DeviceException if it does not come up
    NetDevice open(String name, PciDevice device, DeviceConfig config, Map<String, String> options);

    /// The options that names of its devices may have beyond those of {@link DeviceConfig}: name, and what it
    /// does.
    default Map<String, String> options() {
        return Map.of();
    }
}
