package org.barewire.drivers.memif;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.barewire.core.device.AvailableDevice;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceProvider;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;

/// Opens `memif:SOCKET`. See docs/memif.md.
public final class MemifProvider implements DeviceProvider {
    private static final Path SOCKETS = Path.of("/proc/net/unix");
    private static final Pattern LISTENING = // flags with __SO_ACCEPTCON, and the type SOCK_SEQPACKET
            Pattern.compile("\\p{XDigit}+: +\\d+ +\\d+ +000[13]0000 +0005 +\\d+ +\\d+ +(.+)");

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

    /// The sockets of messages in sequence that somebody listens on, but for those of the system: whether it is
    /// memif that is spoken there is only known when it is tried.
    @Override
    public List<AvailableDevice> available() {
        try (Stream<String> lines = Files.lines(SOCKETS)) {
            return lines.map(LISTENING::matcher)
                    .filter(Matcher::matches)
                    .map(socket -> socket.group(1))
                    .filter(path -> !path.startsWith("/run/systemd/") && !path.startsWith("/run/udev/"))
                    .distinct()
                    .sorted()
                    .map(MemifProvider::describe)
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // not to be told here
        }
    }

    private static AvailableDevice describe(String path) {
        boolean closed = !path.startsWith("@") && !Files.isWritable(Path.of(path));
        String obstacle = closed ? "this user may not write to " + path : "";
        LinkState link = LinkState.down("it comes up when it is opened");
        return new AvailableDevice("memif:" + path, "somebody listens", -1, link, obstacle);
    }

    @Override
    public NetDevice open(DeviceName name, DeviceConfig config) {
        if (name.path().isEmpty()) {
            throw new DeviceException("%s names no socket: one is needed, like memif:/run/memif.sock".formatted(name));
        }
        return new MemifPort(name.toString(), name.path(), MemifOptions.parse(name), config);
    }
}
