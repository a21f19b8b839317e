package org.barewire.drivers.peer;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// DPDK's testpmd as a peer: started with arguments, told commands, asked for its statistics, killed.
///
/// ```java
/// try (Testpmd peer = Testpmd.start("mine-1", List.of("--vdev", "net_vhost0,iface=/tmp/s"), List.of())) {
///     peer.command("start");
///     peer.await("io packet forwarding");
/// ```
///
/// Its threads go where the scheduler puts them, unless `--lcores` says otherwise. Closing kills it.
public final class Testpmd implements AutoCloseable {
    private static final String PROGRAM = "/usr/bin/dpdk-testpmd";
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final Writer commands;
    private final StringBuilder output = new StringBuilder(); // guarded by itself
    private final StringBuilder log = new StringBuilder(); // guarded by output; apart, for it would tear prompts
    private final Thread reader;
    private final Thread logReader;
    private boolean ended; // guarded by output

    private Testpmd(Process process) {
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.reader = Thread.ofPlatform().daemon().name("testpmd-output").start(this::read);
        this.logReader = Thread.ofPlatform()
                .daemon()
                .name("testpmd-log")
                .start(() -> copy(process.errorReader(StandardCharsets.UTF_8), log));
    }

    /// Starts it, and waits for its prompt. It has 256 MiB and no PCI device.
    ///
    /// @param filePrefix      what tells its files from those of others; distinct for each that runs
    /// @param environment     further arguments for DPDK itself, as `--vdev`
    /// @param application     further arguments for testpmd, as `--rxq=2`
    public static Testpmd start(String filePrefix, List<String> environment, List<String> application) {
        return start(List.of(), filePrefix, environment, application);
    }

    /// Starts it in a network namespace, see {@link #start(String, List, List)}.
    public static Testpmd startIn(
            NetNs namespace, String filePrefix, List<String> environment, List<String> application) {
        return start(List.of("ip", "netns", "exec", namespace.name()), filePrefix, environment, application);
    }

    private static Testpmd start(
            List<String> wrapper, String filePrefix, List<String> environment, List<String> application) {
        List<String> line = new ArrayList<>(wrapper);
        line.addAll(List.of(
                "stdbuf", // replaces itself by the program, whose output is not to wait for a full buffer
                "-oL",
                PROGRAM,
                "--no-pci",
                "--in-memory",
                "--single-file-segments",
                "-m",
                "256",
                "--file-prefix=" + filePrefix));
        if (environment.stream().noneMatch(argument -> argument.startsWith("--lcores"))) {
            line.add("--lcores=0@(0-1),1@(0-1)");
        }
        line.addAll(environment);
        line.addAll(List.of("--", "-i", "--total-num-mbufs=16384", "--disable-link-check")); // which waits 9 s
        line.addAll(application);
        try {
            Testpmd testpmd = new Testpmd(new ProcessBuilder(line).start());
            try {
                testpmd.await("testpmd> ");
            } catch (RuntimeException | AssertionError e) {
                testpmd.close();
                throw e;
            }
            return testpmd;
        } catch (IOException e) {
            throw new UncheckedIOException("testpmd is needed: apt-get install dpdk-dev", e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /// Gives it a command, as typed at its prompt.
    public void command(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("testpmd has ended: " + output(), e);
        }
    }

    /// Waits until it has printed, not logged, text that the regular expression fits.
    public MatchResult await(String regex) {
        return await(regex, 0);
    }

    /// Counter `name` of a port as `show port stats` shows it, like `RX-packets`.
    public long counter(int port, String name) {
        int from;
        synchronized (output) {
            from = output.length();
        }
        command("show port stats " + port);
        return Long.parseLong(await(Pattern.quote(name) + ": +(\\d+)", from).group(1));
    }

    /// Everything that it has printed, and then what it has logged.
    public String output() {
        synchronized (output) {
            return output.toString() + log;
        }
    }

    /// Kills it with SIGKILL, and waits until it is gone.
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            reader.join();
            logReader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }

    private MatchResult await(String regex, int from) {
        Pattern pattern = Pattern.compile(regex);
        long start = System.nanoTime();
        synchronized (output) {
            while (true) {
                var matcher = pattern.matcher(output);
                if (matcher.find(from)) {
                    return matcher.toMatchResult();
                }
                if (ended || System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                    throw new AssertionError("testpmd did not print '%s' but: %s".formatted(regex, output()));
                }
                try {
                    output.wait(100);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted while testpmd was to print " + regex, e);
                }
            }
        }
    }

    private void read() {
        copy(process.inputReader(StandardCharsets.UTF_8), output);
        synchronized (output) {
            ended = true;
            output.notifyAll();
        }
    }

    private void copy(Reader from, StringBuilder to) {
        try (from) {
            char[] text = new char[4096];
            int n;
            while ((n = from.read(text)) >= 0) {
                synchronized (output) {
                    to.append(text, 0, n);
                    output.notifyAll();
                }
            }
        } catch (IOException e) {
            synchronized (output) {
                to.append(e);
            }
        }
    }
}
