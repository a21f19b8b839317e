package org.barewire.drivers.tap;

import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.LinuxException;

/// Opens `tap:NAME`: an interface of the kernel whose other end is the program.
public final class TapProvider implements DeviceProvider {
    /// For {@link java.util.ServiceLoader}.
    public TapProvider() {}

    @Override
    public String scheme() {
        return "tap";
    }

    @Override
    public String help() {
        return "tap:NAME  an interface of the kernel whose other end is this program; it is made if it isn't there";
    }

    @Override
    public Map<String, String> options() {
        return TapOptions.OPTIONS;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        TapOptions options = TapOptions.parse(name, config.offloads());
        try {
            return Tap.open(name.toString(), name.path(), config, options);
        } catch (LinuxException e) {
            throw new DeviceException("%s: %s".formatted(name.device(), e.getMessage()), e);
        }
    }
}
