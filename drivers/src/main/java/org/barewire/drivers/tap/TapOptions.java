package org.barewire.drivers.tap;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.Offload;
import org.barewire.core.device.OptionReader;
import org.barewire.core.linux.TapFile;
import org.barewire.core.packet.MacAddress;
import org.jspecify.annotations.Nullable;

/// What the options of a tap interface's name say.
///
/// @param namespace     the network namespace that the kernel's end is in; empty for the process's own
/// @param kernelAddress of the kernel's end; null to leave it as it is
/// @param up            whether the kernel's end is brought up
/// @param segmentation  whether the kernel may hand over TCP packets of up to 64 KiB
/// @param offloads      what the kernel may leave to be done
record TapOptions(
        String namespace, @Nullable MacAddress kernelAddress, boolean up, boolean segmentation, Set<Offload> offloads) {
    static final Map<String, String> OPTIONS = options();

    static TapOptions parse(DeviceName name, Set<Offload> asked) {
        OptionReader given = new OptionReader(name.options());
        if (asked.contains(Offload.RSS_HASH)) {
            throw new DeviceException(name.device() + ": the kernel has no hash to hand over here; leave out rss-hash");
        }
        boolean segmentation = given.flag("segmentation", false);
        Set<Offload> offloads = EnumSet.noneOf(Offload.class);
        offloads.addAll(asked);
        if (segmentation) {
            offloads.add(Offload.CHECKSUM); // one goes with the other
        }
        MacAddress address = given.has("mac") ? given.macAddress("mac", MacAddress.BROADCAST) : null;
        if (address != null && address.isMulticast()) {
            throw new DeviceException("mac=%s: an address that is not a multicast one is needed".formatted(address));
        }
        return new TapOptions(
                given.text("netns", ""), address, given.flag("up", true), segmentation, Set.copyOf(offloads));
    }

    /// The kernel's names for the offloads (TUN_F_…).
    int features() {
        int checksum = offloads.contains(Offload.CHECKSUM) ? TapFile.CHECKSUM : 0;
        return segmentation ? checksum | TapFile.SEGMENTATION : checksum;
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("netns", "the network namespace that the interface is in, as 'ip netns' names it");
        options.put("mac", "the address of the kernel's end");
        options.put("up", "whether the interface is brought up: yes, or no");
        options.put("segmentation", "whether TCP packets of up to 64 KiB may be received uncut: yes, or no");
        return options;
    }
}
