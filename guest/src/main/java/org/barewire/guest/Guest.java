package org.barewire.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.barewire.core.linux.LinuxException;
import org.jspecify.annotations.Nullable;

/// A virtual machine with Linux, in which this machine's files are seen: what is built here runs there under the
/// same path, but for `/run`, `/tmp` and `/var/tmp`, see {@link JavaCommand#path}. Nothing that is written there
/// comes back.
///
/// ```java
/// try (Guest guest = Guest.builder("e1000e").iommu().hugePages(64).nic("e1000e", "").boot();
///         AgentSession agent = guest.agent()) {
///     agent.ask("open nic 0000:00:10.0");
///     agent.assertEchoes("nic", guest.wire(0), 100_000, 1514, 1);
///     assertThat(guest.dmaFaults()).isEmpty();
/// }
/// ```
///
/// Belongs to one thread. What it does not do in time fails the test.
final class Guest implements AutoCloseable {
    private static final Duration BOOT = Duration.ofMinutes(3); // 8 s when nothing else runs
    static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final List<Integer> CRASHES = List.of(128 + 6, 128 + 11); // SIGABRT, SIGSEGV
    private static final Pattern FAULT =
            Pattern.compile("console: .*DMAR: \\[?DMA.*|qemu: .*vtd_iommu_translate: detected translation failure.*");

    private final Log log;
    private final Path folder; // of the sockets
    private final List<Wire> wires = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>(); // the monitor's, and those of the shells
    private final List<Shell> shells = new ArrayList<>();
    private final Process qemu;
    private final Thread hook;
    private @Nullable Monitor monitor;
    private int talking;

    /// @param name of the guest, and of the file in `target/guests` that keeps what it says
    static GuestBuilder builder(String name) {
        return new GuestBuilder(name);
    }

    Guest(GuestBuilder builder) throws IOException {
        log = new Log(builder.name());
        folder = Files.createTempDirectory("guest");
        for (int i = 0; i < builder.nics(); i++) {
            wires.add(new Wire(folder, i));
        }
        channels.add(new Channel(folder, "monitor"));
        for (int i = 0; i < GuestBuilder.SHELLS; i++) {
            channels.add(new Channel(folder, "shell" + i));
            shells.add(new Shell(channels.getLast(), log));
        }
        List<String> command = builder.commandLine(wires, channels.getFirst(), channels.subList(1, channels.size()));
        log.add("host", String.join(" ", command));
        qemu = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        hook = new Thread(qemu::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
        log.follow("console", qemu.inputReader());
        log.follow("qemu", qemu.errorReader());
        try {
            connect();
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private void connect() throws IOException {
        Thread.ofVirtual().start(this::closeWithQemu); // or accepting might wait for ever
        try {
            monitor = new Monitor(channels.getFirst());
            for (Shell shell : shells) {
                shell.connect();
            }
            wires.forEach(Wire::connect);
        } catch (IOException | LinuxException e) {
            throw log.failure("QEMU did not start: " + e.getMessage());
        }
        shells.getFirst().run("true", BOOT);
    }

    private void closeWithQemu() {
        qemu.onExit().join();
        channels.forEach(Channel::close);
    }

    /// The far end of network card `index`, from 0.
    Wire wire(int index) {
        return wires.get(index);
    }

    /// Runs a command of bash, of one line or many, with nothing to read.
    ///
    /// @throws AssertionError if it takes more than a minute
    Result run(String script) {
        return run(script, PATIENCE);
    }

    Result run(String script, Duration patience) {
        return shells.getFirst().run(script, patience);
    }

    /// Runs the main method of one of the project's classes, or one of its tests' here, in a JVM of its own.
    Result java(Class<?> main, String... arguments) {
        return run(JavaCommand.of(main, arguments));
    }

    /// Starts an {@link Agent}, one of two that there can be at a time.
    AgentSession agent() {
        return new AgentSession(shell());
    }

    /// A shell for a command that is talked to while it runs; there are two, in turn, for these and agents.
    Shell shell() {
        return shells.get(1 + talking++ % (GuestBuilder.SHELLS - 1));
    }

    /// Does a command of QEMU's monitor, as `set_link nic0 off` or `device_del nic0`.
    void monitor(String command) {
        monitor().command(command);
    }

    /// Reads a register of a device, whoever drives it, at a physical address of the guest's.
    int register(long address) {
        String said = monitor().ask("xp /1wx 0x%x".formatted(address));
        return Integer.parseUnsignedInt(said.strip().replaceFirst("^[0-9a-f]+: 0x", ""), 16);
    }

    private Monitor monitor() {
        if (monitor == null) {
            throw new IllegalStateException("the guest has not booted");
        }
        return monitor;
    }

    /// What the guest's kernel and QEMU's IOMMU have said about accesses of memory that no device was allowed.
    List<String> dmaFaults() {
        return log.matching(FAULT.asMatchPredicate());
    }

    /// All lines that the guest's kernel and QEMU have said that contain `text`.
    List<String> said(String text) {
        return log.matching(line -> (line.startsWith("console: ") || line.startsWith("qemu: ")) && line.contains(text));
    }

    /// Whether QEMU has ended by a fault of its own, before it was closed.
    boolean hasCrashed() {
        try {
            return qemu.waitFor(1, TimeUnit.SECONDS) && CRASHES.contains(qemu.exitValue());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Ends QEMU at once. Closing twice does nothing.
    @Override
    public void close() {
        qemu.destroyForcibly();
        qemu.onExit().join();
        channels.forEach(Channel::close);
        wires.forEach(Wire::close);
        log.close();
        removeHook();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending, and the hook does its work
        }
    }
}
