package org.barewire.drivers.vhost;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;

/// Opens `vhost-user:SOCKET`, where a virtual machine or a DPDK process plugs its virtio driver in.
public final class VhostUserProvider implements DeviceProvider {
    static final String CLIENT = "client";
    static final String RECONNECT = "reconnect";
    static final String TSO = "tso";
    static final String MAC = "mac";

    /// For {@link java.util.ServiceLoader}.
    public VhostUserProvider() {}

    @Override
    public String scheme() {
        return "vhost-user";
    }

    @Override
    public String help() {
        return "vhost-user:SOCKET  a network card for a virtual machine or a DPDK process: the device side of virtio-net";
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put(CLIENT, "yes: connect to the socket; no: listen on it (default)");
        options.put(RECONNECT, "as a client, milliseconds between attempts, 1000 by default; 0: only one");
        options.put(TSO, "yes: with offloads=checksum, the driver may send packets that are to be segmented");
        options.put(MAC, "the address that this end says it has");
        return options;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        if (name.path().isEmpty()) {
            throw new DeviceException("vhost-user: which socket? As in vhost-user:/run/vm.sock");
        }
        return VhostUser.open(name, config);
    }
}
