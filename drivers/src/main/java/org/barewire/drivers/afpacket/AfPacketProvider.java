package org.barewire.drivers.afpacket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.AvailableDevice;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.OptionReader;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.PacketSocket;

/// Opens `afpacket:IF`: an interface of the kernel over packet sockets.
public final class AfPacketProvider implements DeviceProvider {
    private static final Path INTERFACES = Path.of("/sys/class/net");

    /// For {@link java.util.ServiceLoader}.
    public AfPacketProvider() {}

    @Override
    public String scheme() {
        return "afpacket";
    }

    @Override
    public String help() {
        return "afpacket:IF  an interface of the kernel, over packet sockets: works with each of them, and copies";
    }

    @Override
    public Map<String, String> options() {
        return Map.of("netns", "the network namespace that the interface is in, as 'ip netns' names it");
    }

    /// The Ethernet interfaces of the process's network namespace.
    @Override
    public List<AvailableDevice> available() {
        String obstacle = obstacle();
        try (var directories = Files.list(INTERFACES)) {
            List<AvailableDevice> found = new ArrayList<>();
            for (Path directory : directories.sorted().toList()) {
                if (read(directory, "type", "").equals("1")) {
                    found.add(describe(directory, obstacle));
                }
            }
            return found;
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // no sysfs here: what there is can't be told
        }
    }

    /// Why no packet socket can be opened, or nothing.
    private static String obstacle() {
        try {
            PacketSocket.open("").close();
            return "";
        } catch (LinuxException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static AvailableDevice describe(Path directory, String obstacle) {
        String name = String.valueOf(directory.getFileName());
        Path driver = directory.resolve("device/driver");
        String kind = Files.exists(driver) ? "driver " + resolved(driver) : "virtual interface";
        String state = read(directory, "operstate", "unknown");
        LinkState link = state.equals("up") || state.equals("unknown")
                ? LinkState.up(Math.max(0, Long.parseLong(read(directory, "speed", "0"))) * 1_000_000)
                : LinkState.down("the kernel says " + state);
        int node = Integer.parseInt(read(directory, "device/numa_node", "-1"));
        return new AvailableDevice(
                "afpacket:" + name, "%s, %s".formatted(kind, read(directory, "address", "")), node, link, obstacle);
    }

    private static String resolved(Path link) {
        try {
            return String.valueOf(link.toRealPath().getFileName());
        } catch (IOException e) {
            return "unknown";
        }
    }

    /// One of sysfs's files, which may not be there, or say that the interface is down by failing.
    private static String read(Path directory, String file, String otherwise) {
        try {
            return Files.readString(directory.resolve(file)).strip();
        } catch (IOException e) {
            return otherwise;
        }
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        String netns = new OptionReader(name.options()).text("netns", "");
        try {
            return AfPacket.open(name.toString(), name.path(), netns, config);
        } catch (LinuxException e) {
            throw new DeviceException("%s: %s".formatted(name.device(), e.getMessage()), e);
        }
    }
}
