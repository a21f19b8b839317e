package org.barewire.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.NetDevice;

/// How devices have ended that do end: capture files that are replayed, and devices that are removed.
final class Endings {
    // counters of docs/pcap.md
    private static final String TRUNCATED = "ends_truncated";
    private static final String DAMAGED = "ends_damaged";

    private Endings() {}

    /// A sentence for each file that was cut off or damaged, which may have had more in it, and for each
    /// device that was removed. Asked before the devices are closed.
    static List<String> early(List<NetDevice> devices) {
        return devices.stream()
                .filter(Endings::isEarly)
                .map(device -> "%s: %s".formatted(device.name(), device.link().reason()))
                .toList();
    }

    /// The exit status of a run whose one device it was; tells why where it is not {@link Main#DONE}.
    static int status(NetDevice device, PrintWriter err) {
        List<String> early = early(List.of(device));
        early.forEach(err::println);
        return early.isEmpty() ? Main.DONE : Main.FAILED;
    }

    private static boolean isEarly(NetDevice device) {
        if (device.link().removed()) {
            return true;
        }
        Map<String, Long> details = device.statistics().details();
        long early = details.getOrDefault(TRUNCATED, 0L) + details.getOrDefault(DAMAGED, 0L);
        return early > 0 && !device.link().up();
    }
}
