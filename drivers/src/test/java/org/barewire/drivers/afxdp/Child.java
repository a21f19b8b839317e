package org.barewire.drivers.afxdp;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Ethernet;

/// A process of its own that opens a port and sends back what it receives, until it is killed.
final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private Child(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    /// Starts it.
    ///
    /// @param wrapper what the command is put behind, like `setpriv …`
    static Child start(String device, String... wrapper) {
        String classes = Stream.of(NetDevice.class, AfxdpProvider.class, Child.class)
                .map(Child::folder)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(wrapper));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                classes,
                Child.class.getName(),
                device));
        try {
            return new Child(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String folder(Class<?> type) {
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

    /// The next line that it prints: `open`, or why it can't.
    String line() {
        try {
            return String.valueOf(output.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills it with SIGKILL.
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public static void main(String[] args) {
        // not more than a user without privileges may lock
        DeviceConfig config = DeviceConfig.standard().withPoolSize(1024);
        NetDevice device;
        try {
            device = new AfxdpProvider().open(DeviceName.parse(args[0]), config);
        } catch (DeviceException e) {
            System.out.println(e.getMessage());
            return;
        }
        RxQueue rx = device.rx(0);
        TxQueue tx = device.tx(0);
        System.out.println("open");
        long[] packets = new long[32];
        while (true) {
            int n = rx.receive(packets);
            for (int i = 0; i < n; i++) {
                Ethernet.swapAddresses(packets[i]);
            }
            tx.sendOrRelease(packets, n);
        }
    }
}
