package org.barewire.drivers.pci;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.barewire.core.device.DeviceException;
import org.jspecify.annotations.Nullable;

/// A small process that puts this one's cards right when this one is gone, however it went: stops their DMA,
/// then gives them back to the kernel's drivers. Until DMA has stopped it keeps the files open that packets
/// are in, so that nobody else gets the pages that a card may be writing to.
///
/// What it is to do is given to it when it starts. Whenever that changes another one takes its place, which
/// costs a few milliseconds.
final class Supervisor {
    private static final String SCRIPT = read("supervisor.sh");

    private static final Map<String, List<String>> CARDS = new LinkedHashMap<>(); // guarded by the class
    private static final Map<Integer, Integer> FILES = new LinkedHashMap<>(); // how often; guarded by the class
    private static @Nullable Process current; // guarded by the class

    private Supervisor() {}

    /// Puts a card right should this process end before {@link #forget}.
    ///
    /// @param folder   the card's, in sysfs
    /// @param taken    the driver override that it has only while it is taken
    /// @param override the one that it had before
    /// @param bind     the file that binds it to the driver that it had before, or empty
    static synchronized void watch(String folder, String taken, String override, String bind) {
        CARDS.put(folder, List.of(folder, taken, override, bind));
        try {
            replace();
        } catch (RuntimeException e) {
            CARDS.remove(folder);
            throw e;
        }
    }

    /// The card has been given back.
    static synchronized void forget(String folder) {
        if (CARDS.remove(folder) != null) {
            replace();
        }
    }

    /// Keeps a file of packet memory open for as long as a device may write to it.
    static synchronized void hold(int fd) {
        if (FILES.merge(fd, 1, Integer::sum) == 1) {
            try {
                replace();
            } catch (RuntimeException e) {
                FILES.remove(fd);
                throw e;
            }
        }
    }

    /// No device writes to the file any more, as far as one caller of {@link #hold} knows.
    static synchronized void release(int fd) {
        int count = FILES.getOrDefault(fd, 0);
        if (count > 1) {
            FILES.put(fd, count - 1);
        } else if (FILES.remove(fd) != null) {
            replace();
        }
    }

    /// The next one is ready before the last one goes.
    private static void replace() {
        Process before = current;
        current = CARDS.isEmpty() ? null : start();
        if (before != null) {
            dismiss(before);
        }
    }

    private static Process start() {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "barewire-supervisor"));
        long pid = ProcessHandle.current().pid();
        FILES.keySet().forEach(fd -> command.addAll(List.of("memory", "/proc/" + pid + "/fd/" + fd)));
        CARDS.values().forEach(command::addAll);
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            if (!Objects.equals(answers.readLine(), "ready")) {
                process.destroyForcibly();
                throw new DeviceException("the supervisor, which stops a card's DMA if this process is killed, did not"
                        + " start. What /bin/sh says about it is on standard error");
            }
            return process;
        } catch (IOException e) {
            throw new DeviceException(
                    "the supervisor, which stops a card's DMA if this process is killed, did not start: %s. It needs"
                                    .formatted(e.getMessage())
                            + " /bin/sh",
                    e);
        }
    }

    private static void dismiss(Process process) {
        try (OutputStream toIt = process.getOutputStream()) {
            toIt.write('\n');
        } catch (IOException e) {
            process.destroyForcibly(); // somebody has killed it, or stopped it from reading
        }
    }

    private static String read(String resource) {
        try (InputStream in = Objects.requireNonNull(Supervisor.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
