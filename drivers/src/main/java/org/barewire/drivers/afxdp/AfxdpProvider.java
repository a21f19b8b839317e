package org.barewire.drivers.afxdp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.barewire.core.device.AvailableDevice;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.Finding;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Ethtool;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.linux.Numa;
import org.barewire.core.packet.MacAddress;

/// Opens `afxdp:IF`: an interface that the kernel drives, shared with it.
public final class AfxdpProvider implements DeviceProvider {
    private static final int LOOPBACK = 8; // IFF_LOOPBACK

    /// For {@link java.util.ServiceLoader}.
    public AfxdpProvider() {}

    @Override
    public String scheme() {
        return "afxdp";
    }

    @Override
    public String help() {
        return "afxdp:IF  an interface of the kernel, shared with it: takes the packets that match= selects";
    }

    @Override
    public Map<String, String> options() {
        return AfxdpOptions.OPTIONS;
    }

    /// The Ethernet interfaces of the process's own network namespace.
    @Override
    public List<AvailableDevice> available() {
        try (Stream<Path> names = Files.list(Path.of("/sys/class/net"))) {
            return names.map(name -> String.valueOf(name.getFileName()))
                    .sorted()
                    .map(AfxdpProvider::describe)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            return List.of(); // no sysfs here
        }
    }

    /// Empty for what is not an Ethernet interface, or has gone meanwhile.
    private static Optional<AvailableDevice> describe(String name) {
        try (NetInterface device = NetInterface.open(name, "")) {
            int flags = device.flags();
            if ((flags & LOOPBACK) != 0) {
                return Optional.empty();
            }
            MacAddress address = new MacAddress(device.macAddress());
            Ethtool.Driver driver = Ethtool.driver(device);
            Ethtool.Channels channels = Ethtool.channels(device);
            boolean up = (flags & NetInterface.RUNNING) != 0;
            return Optional.of(new AvailableDevice(
                    "afxdp:" + name,
                    "driver %s, %s, receive queues: %d".formatted(driver.nameForPeople(), address, channels.rx()),
                    Numa.nodeOfDevice(driver.bus()),
                    up ? LinkState.up(device.bitsPerSecond()) : LinkState.down("no carrier, or not set up"),
                    Requirements.obstacle(name, flags)));
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<Finding> examine(DeviceName name) {
        return AfxdpDoctor.examine(name);
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        return Afxdp.open(name, config);
    }
}
