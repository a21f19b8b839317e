package org.barewire.drivers.afxdp;

import java.util.List;
import java.util.Map;
import org.barewire.core.device.AvailableDevice;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;

/// Opens `afxdp:IF`: an interface that the kernel drives, shared with it.
public final class AfxdpProvider implements DeviceProvider {
    /// For {@link java.util.ServiceLoader}.
    public AfxdpProvider() {}

    @Override
    public String scheme() {
        return "afxdp";
    }

    @Override
    public String help() {
        return "afxdp:IF  an interface of the kernel, shared with it: packets that match= selects are taken, others stay";
    }

    @Override
    public Map<String, String> options() {
        return AfxdpOptions.OPTIONS;
    }

    @Override
    public List<AvailableDevice> available() {
        return List.of();
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        return Afxdp.open(name.device(), AfxdpOptions.of(name), config);
    }
}
