package org.barewire.sim;

import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;

/// Opens `sim:NAME`: the ixgbe driver on a model of the 82599.
public final class SimProvider implements DeviceProvider {
    /// For {@link java.util.ServiceLoader}.
    public SimProvider() {}

    @Override
    public String scheme() {
        return "sim";
    }

    @Override
    public String help() {
        return "sim:NAME  a simulated 82599, with a tester at the far end of its wire or, by wire=, another card";
    }

    @Override
    public Map<String, String> options() {
        return SimOptions.OPTIONS;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        return SimPorts.open(name, config);
    }
}
