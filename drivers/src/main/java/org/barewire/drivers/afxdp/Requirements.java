package org.barewire.drivers.afxdp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Capability;
import org.barewire.core.linux.Ethtool;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.memory.PacketMemory;

/// What must be so before an interface is opened, each with a sentence that says how it comes to be.
final class Requirements {
    /// Sockets, attaching, and loading the program need one each.
    static final List<Capability> CAPABILITIES = List.of(Capability.NET_RAW, Capability.NET_ADMIN, Capability.BPF);

    private static final Path ROUTES = Path.of("/proc/thread-self/net");
    private static final String IPV6_ANY = "0".repeat(32);

    private Requirements() {}

    /// The capabilities that the process lacks.
    static List<Capability> missing() {
        // before Linux 5.8 CAP_SYS_ADMIN stood for CAP_BPF, and it still implies it
        return CAPABILITIES.stream()
                .filter(c -> !c.isHeld() && !(c == Capability.BPF && Capability.SYS_ADMIN.isHeld()))
                .toList();
    }

    /// Why an interface of the process's own namespace can't be opened now; empty if it can.
    static String obstacle(String device, int flags) {
        if (!missing().isEmpty()) {
            return cures(missing());
        }
        return (flags & NetInterface.UP) == 0 ? "it is down: ip link set %s up".formatted(device) : "";
    }

    static String cures(List<Capability> missing) {
        return missing.stream().map(Capability::cure).collect(Collectors.joining(". "));
    }

    /// What the process and its memory must have.
    static void checkProcess(String name, DeviceConfig config) {
        List<Capability> missing = missing();
        if (!missing.isEmpty()) {
            throw new DeviceException("%s: %s".formatted(name, cures(missing)));
        }
        if (config.memory().layout() != PacketMemory.Layout.LINEAR) {
            throw new DeviceException(
                    name + ": AF_XDP needs packet memory of the linear layout, as PacketMemory.standard() is");
        }
    }

    /// What the interface must be like.
    static void checkInterface(
            String name, AfxdpOptions options, DeviceConfig config, NetInterface device, Ethtool.Channels channels) {
        if ((device.flags() & NetInterface.UP) == 0) {
            throw new DeviceException("%s: the interface is down: ip link set %s up".formatted(name, options.device()));
        }
        int most = Math.min(channels.rx(), channels.tx());
        if (config.queues() > most) {
            throw new DeviceException("%s: queues=%d, but the interface has %d: ethtool -L %s combined %d"
                    .formatted(name, config.queues(), most, options.device(), config.queues()));
        }
        if (options.match().isEverything() && !options.asksForAll() && hasDefaultRoute(options.device())) {
            throw new DeviceException(("%s: the default route leads through it, and all packets would be taken from the"
                            + " kernel. Say which to take, as in ?match=udp/53, or insist with ?match=all")
                    .formatted(name));
        }
    }

    /// Whether a default route of this thread's namespace leads through an interface.
    static boolean hasDefaultRoute(String device) {
        return hasRoute(
                        "route",
                        column -> column.length > 7
                                && column[0].equals(device)
                                && column[1].equals("00000000")
                                && column[7].equals("00000000"))
                || hasRoute(
                        "ipv6_route",
                        column -> column.length > 9
                                && column[9].equals(device)
                                && column[0].equals(IPV6_ANY)
                                && column[1].equals("00"));
    }

    private static boolean hasRoute(String file, Predicate<String[]> wanted) {
        try (Stream<String> routes = Files.lines(ROUTES.resolve(file))) {
            return routes.map(line -> line.strip().split("\\s+", -1)).anyMatch(wanted);
        } catch (IOException e) {
            return false; // no such family here
        }
    }
}
