package org.barewire.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A model of the 82599 for a guest's driver: `barewire nic` in a process of its own, as users start it.
///
/// ```java
/// try (ServedNic nic = new ServedNic("sfp", "--model", "10fb", "--wire", "tap:bw0");
///         Guest guest = Guest.builder("ixgbe").qemu11().sharedMemory().qemu(nic.device(0x10)).boot()) {
/// ```
///
/// Belongs to one thread.
final class ServedNic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String READY = "nic: serving ";
    private static final String COMPLAINT = "nic: the driver broke a rule of the datasheet: ";

    private final Path folder;
    private final Log log;
    private final Process process;
    private final Thread hook;

    /// Returns when a driver can connect.
    ///
    /// @param name    of the file in `target/guests` that keeps what it says
    /// @param options of `barewire nic` beside its socket
    ServedNic(String name, String... options) throws IOException, InterruptedException {
        folder = Files.createTempDirectory("nic");
        log = new Log(name);
        List<String> command = new ArrayList<>(JavaCommand.barewireHere("nic", "--json", "--socket", socket()));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command).start();
        hook = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
        log.follow("nic", process.errorReader());
        log.follow("report", process.inputReader());
        if (!log.await(line -> line.startsWith(READY), PATIENCE)) {
            close();
            throw log.failure("barewire nic has not started");
        }
    }

    /// The arguments of QEMU that put it into a guest, at 0000:00:SLOT.0.
    String[] device(int slot) {
        return device(slot, socket());
    }

    /// The arguments for a card that is served at a socket.
    static String[] device(int slot, String socket) {
        return new String[] {
            "-device",
            "{\"driver\":\"vfio-user-pci\",\"addr\":\"0x%x\",\"socket\":{\"type\":\"unix\",\"path\":\"%s\"}}"
                    .formatted(slot, socket)
        };
    }

    /// Rules of the datasheet that drivers have broken so far, a sentence each.
    List<String> complaints() {
        return log.matching(line -> line.startsWith(COMPLAINT)).stream()
                .map(line -> line.substring(COMPLAINT.length()))
                .toList();
    }

    private String socket() {
        return folder.resolve("socket").toString();
    }

    /// Ends it as Ctrl-C does.
    @Override
    public void close() throws IOException {
        process.toHandle().destroy(); // which leaves its streams open, unlike the process itself
        process.onExit()
                .completeOnTimeout(process, PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        process.destroyForcibly().onExit().join();
        Runtime.getRuntime().removeShutdownHook(hook);
        log.close();
        Files.deleteIfExists(Path.of(socket()));
        Files.deleteIfExists(folder);
    }
}
