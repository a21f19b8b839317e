package org.barewire.drivers.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.PacketMemory.Layout;
import org.barewire.core.memory.PacketMemory.Pages;
import org.barewire.core.packet.Ethernet;
import org.barewire.drivers.Undo;

/// A Java process of its own that opens a device, in memory of ordinary pages, says so, and sends back what it
/// receives, with the Ethernet addresses swapped, until it is killed.
///
/// ```java
/// try (Child child = Child.start("tap:mine")) {
///     assertThat(child.line()).isEqualTo(Child.OPEN);
/// ```
public final class Child implements AutoCloseable {
    /// The line that it prints when the device is open.
    public static final String OPEN = "open";

    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /// Starts one.
    ///
    /// @param device  its name
    /// @param wrapper a command that runs another, as `setpriv` with its options
    public static Child start(String device, String... wrapper) {
        return start(device, UnaryOperator.identity(), wrapper);
    }

    private static Child start(String device, UnaryOperator<Path> place, String... wrapper) {
        List<String> line = new ArrayList<>(List.of(wrapper));
        line.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=org.barewire.core",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--module-path",
                place.apply(home(NetDevice.class)) + ":" + place.apply(home(Undo.class)),
                "--add-modules",
                "org.barewire.drivers",
                "--class-path",
                place.apply(home(Child.class)).toString(),
                Child.class.getName(),
                device));
        try {
            return new Child(new ProcessBuilder(line).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts one as nobody, who has no capabilities but those that are listed.
    ///
    /// @param capabilities as `setpriv` names them, like `net_raw`
    /// @param wrapper      a command that runs another, as root
    public static Child startAsNobody(String device, List<String> capabilities, String... wrapper) {
        String kept = "-all";
        for (String capability : capabilities) {
            kept += ",+" + capability;
        }
        List<String> line = new ArrayList<>(List.of(wrapper));
        line.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        line.addAll(List.of("--inh-caps=" + kept, "--ambient-caps=" + kept));
        return start(device, Child::readableByAll, line.toArray(String[]::new));
    }

    /// The folder or file itself, or a copy of it where its own place is closed to others, as `/root` is.
    private static Path readableByAll(Path classes) {
        try {
            for (Path part = classes.getParent(); part != null; part = part.getParent()) {
                if (!Files.getPosixFilePermissions(part).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return copy(classes);
                }
            }
            return classes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path copy(Path classes) throws IOException {
        Path copy = Files.createTempDirectory("barewire-child");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> NetNs.command("rm", "-r", copy.toString())));
        NetNs.command("cp", "-r", classes.toString(), copy.toString());
        NetNs.command("chmod", "-R", "a+rX", copy.toString());
        return copy.resolve(classes.getFileName());
    }

    /// The next line that it prints: {@link #OPEN}, or why it can't.
    public String line() {
        try {
            return String.valueOf(output.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills it with SIGKILL, and waits until it is gone.
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Path home(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The child's own program.
    @SuppressWarnings("ThreadPriorityCheck") // whoever sends to it may need this processor
    public static void main(String[] arguments) {
        RxQueue rx;
        TxQueue tx;
        try {
            PacketMemory memory = new PacketMemory(Layout.LINEAR, Pages.NORMAL, Numa.NO_NODE);
            NetDevice device =
                    NetDevice.open(arguments[0], DeviceConfig.standard().withMemory(memory));
            NetDevice nothing = NetDevice.open("null:"); // in place of what a file has not
            rx = (device.rxQueues() > 0 ? device : nothing).rx(0);
            tx = (device.txQueues() > 0 ? device : nothing).tx(0);
        } catch (DeviceException e) {
            System.out.println(e.getMessage());
            return;
        }
        System.out.println(OPEN);
        long[] packets = new long[32];
        while (true) {
            int n = rx.receive(packets);
            for (int i = 0; i < n; i++) {
                Ethernet.swapAddresses(packets[i]);
            }
            tx.sendOrRelease(packets, n);
            if (n == 0) {
                Thread.yield();
            }
        }
    }
}
