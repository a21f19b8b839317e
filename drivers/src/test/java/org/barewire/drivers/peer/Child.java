package org.barewire.drivers.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.drivers.Undo;

/// A Java process of its own that opens a device, says so, and holds it until it is killed or its input ends; or sends
/// back whatever it receives meanwhile.
public final class Child {
    private static final String OPENED = "opened ";
    private static final String HOLD = "hold";
    private static final String ECHO = "echo";

    private Child() {}

    /// Starts one.
    ///
    /// @param wrapper a command that runs another, as `setpriv` with its options; or empty
    /// @param device  the name of the device
    public static Process start(List<String> wrapper, String device) {
        return start(wrapper, device, HOLD);
    }

    /// Starts one that echoes.
    public static Process startEcho(String device) {
        return start(List.of(), device, ECHO);
    }

    private static Process start(List<String> wrapper, String device, String task) {
        List<String> line = new ArrayList<>(wrapper);
        line.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=org.barewire.core",
                "--module-path",
                home(NetDevice.class) + ":" + home(Undo.class),
                "--add-modules",
                "org.barewire.drivers",
                "--class-path",
                home(Child.class),
                Child.class.getName(),
                device,
                task));
        try {
            return new ProcessBuilder(line).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The first line that it prints: {@link #isOpened} tells what it means.
    public static String firstLine(Process child) {
        try {
            String line = child.inputReader(StandardCharsets.UTF_8).readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether a child's first line says that it has the device open; otherwise the line says why not.
    public static boolean isOpened(String line) {
        return line.startsWith(OPENED);
    }

    private static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The child's own program.
    public static void main(String[] arguments) throws IOException {
        try (NetDevice device = NetDevice.open(arguments[0])) {
            RxQueue rx = device.rx(0);
            TxQueue tx = device.tx(0);
            System.out.println(OPENED + device.name());
            if (arguments[1].equals(ECHO)) {
                Thread.ofPlatform().daemon().start(Child::endWithInput);
                echo(rx, tx);
            }
            System.in.readAllBytes();
        } catch (DeviceException e) {
            System.out.println(e.getMessage());
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // see below
    private static void echo(RxQueue rx, TxQueue tx) {
        long[] packets = new long[64];
        while (true) {
            int received = rx.receive(packets);
            tx.sendOrRelease(packets, received);
            if (received == 0) {
                Thread.yield(); // the peer may need this processor
            }
        }
    }

    private static void endWithInput() {
        try {
            System.in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().halt(0);
    }
}
