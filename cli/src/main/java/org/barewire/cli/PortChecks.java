package org.barewire.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barewire.core.device.DeviceName;
import org.barewire.core.linux.Capability;
import org.barewire.core.linux.SystemFiles;
import org.jspecify.annotations.Nullable;

/// What it takes to open a port that is a socket, a file or an interface of the kernel: whether the other side
/// is there, and whether this process may.
final class PortChecks {
    private static final String SOCKET = "socket";

    private final SystemFiles files;
    private final DeviceName name;
    private final List<Check> checks = new ArrayList<>();

    private PortChecks(SystemFiles files, DeviceName name) {
        this.files = files;
        this.name = name;
    }

    /// Empty if nothing is known of names of this scheme.
    static List<Check> run(SystemFiles files, DeviceName name) {
        PortChecks port = new PortChecks(files, name);
        Map<String, String> options = name.options();
        switch (name.scheme()) {
            case "memif" -> port.socket("server".equals(options.get("role")));
            case "virtio-user" -> port.socket(isYes(options.get("server")));
            case "vhost-user" -> port.socket(!isYes(options.get("client")));
            case "tap" -> port.tap();
            case "afpacket" -> port.packetSocket();
            case "pcap" -> port.capture(isYes(options.get("write")));
            case "null" -> port.ok("device", "can always be opened");
            default -> {}
        }
        return port.checks;
    }

    private static boolean isYes(@Nullable String value) {
        return "yes".equals(value);
    }

    private void ok(String topic, String finding) {
        checks.add(Check.ok(topic, finding));
    }

    private void better(String topic, String finding, String cure) {
        checks.add(Check.couldBeBetter(topic, finding, cure));
    }

    private void missing(String topic, String finding, String cure) {
        checks.add(Check.missing(topic, finding, cure));
    }

    /// @param listens whether this end waits for the other one
    private void socket(boolean listens) {
        String path = name.path();
        if (path.isEmpty()) {
            missing(SOCKET, "the name has no path", "%s:/run/port.sock".formatted(name.scheme()));
            return;
        }
        Optional<UnixListeners.Listener> listener = new UnixListeners(files).at(path);
        if (listens) {
            place(path, listener);
        } else {
            peer(path, listener);
        }
    }

    /// Where this end is going to listen.
    private void place(String path, Optional<UnixListeners.Listener> listener) {
        if (listener.isPresent()) {
            String who = describe(listener.get());
            missing(SOCKET, "%s listens on %s already".formatted(who, path), "end it, or take another path");
        } else if (!path.startsWith("@")) {
            folder(path);
        }
        if (checks.isEmpty()) {
            ok(SOCKET, "%s can be listened on; the link is up when somebody connects".formatted(path));
        }
    }

    /// What this end is going to connect to.
    private void peer(String path, Optional<UnixListeners.Listener> listener) {
        Path file = path.startsWith("@") ? null : place(path);
        if (listener.isPresent()) {
            ok(SOCKET, "%s listens on %s".formatted(describe(listener.get()), path));
            if (name.scheme().equals("memif") != listener.get().sequenced()) {
                missing("peer", "what listens there does not speak " + name.scheme(), "name the peer's own socket");
            }
        } else if (file == null || !Files.exists(file)) {
            better(SOCKET, "nobody listens on %s yet: the link stays down until then".formatted(path), start());
        } else if (Files.isRegularFile(file) || Files.isDirectory(file)) {
            missing(SOCKET, path + " is no socket", "name the path that the peer was given");
        } else {
            better(SOCKET, path + " is there, but whoever made it has gone", "rm %s; then %s".formatted(path, start()));
        }
        if (file != null && Files.exists(file) && !Files.isWritable(file)) {
            String cure = "sudo setfacl -m u:%s:rw %s".formatted(System.getProperty("user.name"), path);
            missing("permission", "this user may not write to %s, which connecting takes".formatted(path), cure);
        }
    }

    private static String describe(UnixListeners.Listener listener) {
        return listener.process().isEmpty() ? "a process of another user" : listener.process();
    }

    private String start() {
        return switch (name.scheme()) {
            case "memif" -> "start the server: role=server here, or role=server of DPDK's net_memif";
            case "virtio-user" -> "start the device's side: vhost-user: here, or DPDK's net_vhost";
            default -> "start the peer that listens, as QEMU with server=on";
        };
    }

    private void folder(String path) {
        Path folder = place(path).getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            missing("folder", "%s is not there".formatted(folder), "mkdir -p %s".formatted(folder));
        } else if (!Files.isWritable(folder)) {
            missing("permission", "this user may not make a file in %s".formatted(folder), "take a folder of your own");
        }
    }

    /// A path of the name's, below the machine's root if it is not relative to the folder that we are in.
    private Path place(String path) {
        return path.startsWith("/")
                ? files.root().resolve(path.substring(1))
                : Path.of(path).toAbsolutePath();
    }

    private void tap() {
        namespace();
        String kernelEnd = "sys/class/net/%s/tun_flags".formatted(name.path());
        if (!files.exists("dev/net/tun")) {
            missing("/dev/net/tun", "not there", "sudo modprobe tun; in a container: --device=/dev/net/tun");
        } else if (!Files.isWritable(files.root().resolve("dev/net/tun"))) {
            missing("/dev/net/tun", "this user may not write to it", "sudo chmod 666 /dev/net/tun");
        } else {
            ok("/dev/net/tun", "there");
        }
        if (files.exists(kernelEnd)) {
            ok("interface", "%s is there and is used; it belongs to user %s".formatted(name.path(), owner()));
        } else if (files.exists("sys/class/net/" + name.path()) && !isElsewhere()) {
            missing("interface", name.path() + " is there, and is no tap interface", "take another name, as tap:bw%d");
        } else {
            capability(Capability.NET_ADMIN, "the interface is made when the port is opened");
        }
    }

    private String owner() {
        String owner = files.line("sys/class/net/%s/owner".formatted(name.path()));
        return owner.equals("-1") ? "root" : owner;
    }

    private void packetSocket() {
        namespace();
        capability(Capability.NET_RAW, "packet sockets can be opened");
        if (isElsewhere()) {
            return;
        }
        String folder = "sys/class/net/" + name.path();
        if (!files.exists(folder)) {
            missing("interface", "there is no interface " + name.path(), "ip link");
        } else if ((files.hex(folder + "/flags") & 1) == 0) {
            better("interface", name.path() + " is down", "sudo ip link set %s up".formatted(name.path()));
        } else {
            ok("interface", "%s, %s".formatted(name.path(), files.line(folder + "/operstate")));
        }
    }

    private boolean isElsewhere() {
        return name.options().containsKey("netns");
    }

    private void namespace() {
        String namespace = name.options().get("netns");
        if (namespace == null) {
            return;
        }
        capability(Capability.SYS_ADMIN, "network namespaces can be entered");
        if (!files.exists("run/netns/" + namespace)) {
            missing("namespace", "there is no namespace " + namespace, "sudo ip netns add " + namespace);
        }
    }

    private void capability(Capability capability, String what) {
        if (capability.isHeld()) {
            ok("CAP_" + capability, what);
        } else {
            missing("CAP_" + capability, capability.cure(), "sudo ./barewire ...");
        }
    }

    private void capture(boolean writes) {
        Path file = place(name.path());
        if (writes) {
            folder(name.path());
            if (checks.isEmpty()) {
                ok("file", "%s can be written%s".formatted(name.path(), Files.exists(file) ? ", and is replaced" : ""));
            }
        } else if (!Files.exists(file)) {
            missing("file", name.path() + " is not there", "to write it: pcap:%s?write=yes".formatted(name.path()));
        } else if (!Files.isReadable(file)) {
            missing("permission", "this user may not read " + name.path(), "sudo chmod a+r " + name.path());
        } else {
            ok("file", "%s, %d bytes".formatted(name.path(), file.toFile().length()));
        }
    }
}
