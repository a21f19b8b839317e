package org.barewire.core.device;

import java.util.List;
import java.util.Map;

/// Opens the devices of one scheme. Drivers plug in as a {@link java.util.ServiceLoader} service of this
/// type.
public interface DeviceProvider {
    /// The scheme, as in `sim`; lower case letters, digits and dashes.
    String scheme();

    /// For people: what names of this scheme look like and what they open, in one line.
    String help();

    /// The options that names of this scheme may have beyond those of {@link DeviceConfig}: name, and what it
    /// does.
    Map<String, String> options();

    /// The devices of this scheme that are there to be opened; those that only come to be by being opened are
    /// left out.
    default List<AvailableDevice> available() {
        return List.of();
    }

    /// Looks at what it takes to open a device, without changing anything; empty if there is nothing to be said.
    ///
    /// @throws DeviceException if the name or its options are not understood
    default List<Finding> examine(DeviceName name) {
        return List.of();
    }

    /// Opens a device. Options in the name that {@link DeviceConfig} knows have been put into `config`
    /// already, unknown ones have been refused.
    ///
    /// @throws DeviceException if it can't be opened; nothing is left half-open
    NetDevice open(DeviceName name, DeviceConfig config);
}
