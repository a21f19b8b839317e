package org.barewire.drivers.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A network namespace for a test: made by `ip netns add`, removed with everything in it when closed, however
/// the test ends. Needs root.
///
/// ```java
/// try (NetNs left = NetNs.create("mine-left"); NetNs right = NetNs.create("mine-right")) {
///     left.veth("port0", right, "port1");
///     left.run("ping", "-c", "1", "10.0.0.2");
/// }
/// ```
public final class NetNs implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final String name;
    private final List<Process> processes = Collections.synchronizedList(new ArrayList<>());
    private final Thread hook = new Thread(this::remove);

    private NetNs(String name) {
        this.name = name;
    }

    /// Makes a namespace with its loopback interface up. Interfaces that come to be in it have no IPv6, so that
    /// nothing is sent by itself. What an earlier run left under the name is removed.
    public static NetNs create(String name) {
        NetNs created = new NetNs(name);
        created.remove();
        command("ip", "netns", "add", name);
        Runtime.getRuntime().addShutdownHook(created.hook);
        created.run("ip", "link", "set", "lo", "up");
        created.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        return created;
    }

    public String name() {
        return name;
    }

    /// Makes a pair of veth interfaces, one end here and one in `other`, both up.
    public void veth(String here, NetNs other, String there) {
        run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", other.name);
        run("ip", "link", "set", here, "up");
        other.run("ip", "link", "set", there, "up");
    }

    /// Gives an interface an address, as in `10.0.0.1/24`.
    public void address(String device, String address) {
        run("ip", "address", "add", address, "dev", device);
    }

    /// Runs a command in the namespace until it ends and returns what it wrote.
    ///
    /// @throws AssertionError with its output if it fails or takes more than a minute
    public String run(String... command) {
        return command(within(command));
    }

    /// Starts a command in the namespace; it is killed when the namespace is closed. Its errors come with its
    /// output.
    public Process start(String... command) {
        try {
            Process process = new ProcessBuilder(within(command))
                    .redirectErrorStream(true)
                    .start();
            processes.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills what was started here and removes the namespace with its interfaces.
    @Override
    public void close() {
        remove();
        Runtime.getRuntime().removeShutdownHook(hook);
    }

    /// Runs a command until it ends and returns what it wrote.
    ///
    /// @throws AssertionError with its output if it fails or takes more than a minute
    public static String command(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            Thread watchdog = Thread.ofVirtual().start(() -> killLate(process));
            String output;
            try (InputStream written = process.getInputStream()) {
                output = new String(written.readAllBytes(), StandardCharsets.UTF_8);
            }
            int status = process.waitFor();
            watchdog.interrupt();
            if (status != 0) {
                throw new AssertionError(
                        "'%s' ended with status %d:%n%s".formatted(String.join(" ", command), status, output));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static void killLate(Process process) {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it has ended
        }
    }

    private String[] within(String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(List.of(command));
        return whole.toArray(String[]::new);
    }

    private void remove() {
        for (Process process : List.copyOf(processes)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        if (Files.exists(Path.of("/run/netns", name))) {
            command("ip", "netns", "delete", name);
        }
    }
}
