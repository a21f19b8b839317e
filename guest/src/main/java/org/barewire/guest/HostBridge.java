package org.barewire.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// A network namespace of this machine's kernel, with a bridge that connects taps to one another and to the kernel.
/// Takes root.
///
/// Frames with tags pass the bridge as they are. There is no IPv6, whose own frames would be counted too.
final class HostBridge implements AutoCloseable {
    private static final String BRIDGE = "bridge";

    private final String namespace;
    private final List<Process> processes = new ArrayList<>();

    /// @param namespace its name; one that is left over from before is replaced
    HostBridge(String namespace) {
        this.namespace = namespace;
        Host.run("""
                ip netns del %1$s 2>/dev/null; set -e; ip netns add %1$s
                ip netns exec %1$s sysctl -qw net.ipv6.conf.default.disable_ipv6=1
                ip -n %1$s link set lo up
                ip -n %1$s link add %2$s type bridge
                """.formatted(namespace, BRIDGE));
    }

    /// The name of a port for `barewire`, whose interface is here.
    String tap(String name) {
        return "tap:%s?netns=%s&mtu=9000".formatted(name, namespace);
    }

    /// Connects taps, which are there, and gives the kernel an address among them.
    void connect(String address, String... taps) {
        for (String tap : taps) {
            run("ip link set %s master %s".formatted(tap, BRIDGE));
        }
        run("ip addr add %1$s dev %2$s; ip link set %2$s mtu 9000 up".formatted(address, BRIDGE));
    }

    /// Runs a script here.
    String run(String script) {
        return Host.run("ip netns exec %s bash -e <<'END'\n%s\nEND".formatted(namespace, script));
    }

    /// Starts a command here, which ends when this is closed. It stops once it has written more than 64 KiB that nobody
    /// has read.
    Process start(String command) throws IOException {
        Process process = Host.start("exec ip netns exec %s %s".formatted(namespace, command));
        processes.add(process);
        return process;
    }

    /// Sends a frame to a tap's other end.
    void send(String tap, byte[] frame, int times) {
        run("""
                python3 -c "import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('%s', 0))
                for i in range(%d): s.send(bytes.fromhex('%s'))"
                """.formatted(tap, times, HexFormat.of().formatHex(frame)));
    }

    /// Starts to write down frames that a tap's other end sends; returns when it has.
    ///
    /// @param count  after so many it ends
    /// @param filter which, in tcpdump's words
    Process capture(String tap, int count, Path file, String filter) throws IOException {
        Process capture = start("tcpdump -i %s -Q in -c %d -w %s %s".formatted(tap, count, file, filter));
        String said = capture.inputReader().readLine();
        if (said == null || !said.contains("listening")) {
            throw new AssertionError("tcpdump: " + said);
        }
        return capture;
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        Host.run("ip netns del " + namespace);
    }
}
