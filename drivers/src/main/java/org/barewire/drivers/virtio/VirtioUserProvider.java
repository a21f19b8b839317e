package org.barewire.drivers.virtio;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;

/// Opens `virtio-user:SOCKET`: the virtio-net driver, with a vhost-user peer as its device.
public final class VirtioUserProvider implements DeviceProvider {
    /// For {@link java.util.ServiceLoader}.
    public VirtioUserProvider() {}

    @Override
    public String scheme() {
        return "virtio-user";
    }

    @Override
    public String help() {
        return "virtio-user:SOCKET  a virtio-net device that a vhost-user peer provides: DPDK, OVS, VPP, Snabb";
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>(VirtioOptions.OPTIONS);
        options.put("server", "yes or no, wait for the peer to connect; no");
        return options;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        if (name.path().isEmpty()) {
            throw new DeviceException("virtio-user: needs the path of a socket, as in virtio-user:/run/a.sock");
        }
        return new VirtioUser(name, config);
    }
}
