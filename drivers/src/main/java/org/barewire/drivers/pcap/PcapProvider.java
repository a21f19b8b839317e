package org.barewire.drivers.pcap;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.OptionReader;

/// Opens `pcap:FILE`: a capture that is replayed or, with `write=yes`, written. See docs/pcap.md.
public final class PcapProvider implements DeviceProvider {
    /// For {@link java.util.ServiceLoader}.
    public PcapProvider() {}

    @Override
    public String scheme() {
        return "pcap";
    }

    @Override
    public String help() {
        return "pcap:FILE  receives what was captured in a pcap or pcapng file; with write=yes, captures to it";
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>(ReplayOptions.OPTIONS);
        options.putAll(CaptureOptions.OPTIONS);
        return options;
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        OptionReader given = new OptionReader(name.options());
        String path = name.path();
        if (path.isEmpty()) {
            throw new DeviceException("%s names no file: one is needed, like pcap:in.pcap".formatted(name));
        }
        boolean writes = given.flag("write", false);
        refuse(name, writes ? ReplayOptions.OPTIONS : CaptureOptions.OPTIONS, writes);
        if (!writes) {
            return ReplayPort.open(name.toString(), path, ReplayOptions.parse(given), config, System::nanoTime);
        }
        CaptureOptions options = CaptureOptions.parse(path, given);
        RecordFormat format = switch (options.format()) {
            case PCAP -> new PcapFormat(options.snapLength());
            case PCAPNG -> new PcapNgFormat(options.snapLength(), given.text("interface", name.device()));
        };
        return new CapturePort(name.toString(), path, format, options, config, CaptureQueue.timeOfDay());
    }

    /// Options of the other direction would be in vain.
    private static void refuse(DeviceName name, Map<String, String> others, boolean writes) {
        for (String option : others.keySet()) {
            if (!option.equals("write") && name.options().containsKey(option)) {
                throw new DeviceException("%s: %s is for a file that is %s"
                        .formatted(
                                name.device(), option, writes ? "read, without write=yes" : "written, with write=yes"));
            }
        }
    }
}
