package org.barewire.drivers.tap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.barewire.core.device.AvailableDevice;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.LinuxException;

/// Opens `tap:NAME`: an interface of the kernel whose other end is the program.
public final class TapProvider implements DeviceProvider {
    private static final Path INTERFACES = Path.of("/sys/class/net");
    private static final Path TUN = Path.of("/dev/net/tun");
    private static final String ETHERNET = "1"; // a tun interface has none

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

    /// The tap interfaces that are there already, in the process's network namespace.
    @Override
    public List<AvailableDevice> available() {
        try (Stream<Path> interfaces = Files.list(INTERFACES)) {
            return interfaces
                    .filter(each -> Files.exists(each.resolve("tun_flags")))
                    .filter(each -> read(each, "type").equals(ETHERNET))
                    .map(TapProvider::describe)
                    .sorted(Comparator.comparing(AvailableDevice::name))
                    .toList();
        } catch (IOException e) {
            return List.of(); // no sysfs here: what there is can't be told
        }
    }

    private static AvailableDevice describe(Path directory) {
        String owner = read(directory, "owner");
        String belongs = owner.equals("-1") ? "no user's own" : "user " + owner + "'s";
        String state = read(directory, "operstate");
        LinkState link = state.equals("up") ? LinkState.up(0) : LinkState.down("the kernel says " + state);
        String obstacle = Files.isWritable(TUN) ? "" : "this user may not write to " + TUN;
        return new AvailableDevice("tap:" + directory.getFileName(), belongs, -1, link, obstacle);
    }

    private static String read(Path directory, String file) {
        try {
            return Files.readString(directory.resolve(file)).strip();
        } catch (IOException e) {
            return "";
        }
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
