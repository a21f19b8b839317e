package org.barewire.drivers.nothing;

import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.OptionReader;

/// Opens `null:`, the other side of measurements of one port. See docs/null.md.
public final class NothingProvider implements DeviceProvider {
    private static final int MAX_SOURCE = 9724; // an MTU of 9710, the largest there is

    /// For {@link java.util.ServiceLoader}.
    public NothingProvider() {}

    @Override
    public String scheme() {
        return "null";
    }

    @Override
    public String help() {
        return "null:  swallows what is sent to it; with source= it also gives frames without end";
    }

    @Override
    public Map<String, String> options() {
        return Map.of(
                "source",
                "bytes, without check sequence, of the frames that it gives: %d to %d; none without this option"
                        .formatted(FrameHeaders.BYTES, MAX_SOURCE));
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        OptionReader options = new OptionReader(name.options());
        int size = options.has("source") ? options.number("source", 0, FrameHeaders.BYTES, MAX_SOURCE) : 0;
        return new NothingPort(name.toString(), size, config);
    }
}
