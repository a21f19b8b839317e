package org.barewire.drivers.memif;

import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;

/// Opens `memif:SOCKET`. See docs/memif.md.
public final class MemifProvider implements DeviceProvider {
    /// For {@link java.util.ServiceLoader}.
    public MemifProvider() {}

    @Override
    public String scheme() {
        return "memif";
    }

    @Override
    public String help() {
        return "memif:SOCKET  packets over shared memory to DPDK, VPP or another Barewire; @NAME for an abstract socket";
    }

    @Override
    public Map<String, String> options() {
        return MemifOptions.OPTIONS;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        if (name.path().isEmpty()) {
            throw new DeviceException("%s names no socket: one is needed, like memif:/run/memif.sock".formatted(name));
        }
        return new MemifPort(name.toString(), name.path(), MemifOptions.parse(name), config);
    }
}
