package org.barewire.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Two namespaces with a veth interface each, `port0` on the left and `port1` on the right, which go when this
/// is closed.
final class VethPair implements AutoCloseable {
    static final String LEFT = "barewire-bench-l";
    static final String RIGHT = "barewire-bench-r";

    /// Makes them; what an earlier run has left is removed.
    VethPair() throws IOException {
        close();
        for (String namespace : new String[] {LEFT, RIGHT}) {
            ip("netns add " + namespace);
            ip("netns exec %s sysctl -qw net.ipv6.conf.default.disable_ipv6=1".formatted(namespace));
        }
        ip("-n %s link add port0 type veth peer name port1 netns %s".formatted(LEFT, RIGHT));
        ip("-n %s link set port0 up".formatted(LEFT));
        ip("-n %s link set port1 up".formatted(RIGHT));
    }

    private static void ip(String arguments) throws IOException {
        String line = "ip " + arguments;
        Process process = new ProcessBuilder(line.split(" ", -1))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException("'%s' failed: %s".formatted(line, output.strip()));
        }
    }

    @Override
    public void close() throws IOException {
        for (String namespace : new String[] {LEFT, RIGHT}) {
            if (Files.exists(Path.of("/run/netns", namespace))) {
                ip("netns delete " + namespace);
            }
        }
    }
}
