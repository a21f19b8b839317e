package org.barewire.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Sched;
import org.barewire.drivers.Undo;

/// Barewire in a role, as a process of its own: sends frames of 64 bytes as fast as they are taken, or receives
/// and drops; at each line of its input it prints how many so far.
final class BarewireRole {
    private static final int BURST = 32;
    private static final String OPEN = "open";

    private static volatile boolean stopping;

    private BarewireRole() {}

    static Role start(int cpu, Comparison comparison) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> line = List.of(
                java,
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=org.barewire.core",
                "--module-path", // where drivers are found by what their module says it provides
                home(NetDevice.class) + ":" + home(Undo.class),
                "--add-modules",
                "org.barewire.drivers",
                "-cp",
                home(BarewireRole.class),
                BarewireRole.class.getName(),
                comparison.barewire(),
                String.valueOf(cpu),
                String.valueOf(comparison.sends()));
        return new Role(line, Pattern.compile("^" + OPEN + "$"), "count", Pattern.compile("count (\\d+)"));
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

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int cpu = Integer.parseInt(arguments[1]);
        boolean sends = Boolean.parseBoolean(arguments[2]);
        try (NetDevice port = NetDevice.open(arguments[0]);
                NetDevice other = NetDevice.open(sends ? "null:?source=64" : "null:")) {
            RxQueue rx = port.rx(0);
            TxQueue tx = port.tx(0);
            RxQueue from = sends ? other.rx(0) : rx;
            TxQueue to = sends ? tx : other.tx(0);
            Thread mover = Thread.ofPlatform().daemon().name("move").start(() -> {
                Sched.pin(cpu);
                while (!stopping) {
                    move(from, to);
                }
            });
            System.out.println(OPEN);
            BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (questions.readLine() != null) {
                System.out.println("count " + (sends ? tx.statistics() : rx.statistics()).packets());
            }
            stopping = true;
            mover.join();
        }
    }

    private static void move(RxQueue from, TxQueue to) {
        long[] packets = new long[BURST];
        for (int i = 0; i < 100_000; i++) {
            int n = from.receive(packets);
            if (n > 0) {
                to.sendOrRelease(packets, n);
            } else {
                Thread.onSpinWait(); // or looking at the ring takes its line away from the peer too often
            }
        }
    }
}
