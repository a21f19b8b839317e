package org.barewire.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// All that a guest and its QEMU say, a line at a time, in a file and in memory. Any thread may call.
final class Log implements AutoCloseable {
    private static final int TAIL = 30;

    private final Path path;
    private final PrintStream file;
    private final List<String> lines = new ArrayList<>();

    /// @param name of the file, in `target/guests`
    Log(String name) throws IOException {
        path = Files.createDirectories(Path.of("target", "guests"))
                .resolve(name + ".log")
                .toAbsolutePath();
        file = new PrintStream(Files.newOutputStream(path), true, StandardCharsets.UTF_8);
    }

    synchronized void add(String source, String line) {
        lines.add(source + ": " + line);
        file.println(lines.getLast());
        notifyAll();
    }

    /// Follows a stream until its end, in a thread of its own.
    void follow(String source, BufferedReader reader) {
        Thread.ofPlatform().daemon().name("log of " + source).start(() -> {
            try {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    add(source, line.stripTrailing());
                }
            } catch (IOException e) {
                add(source, "ended: " + e.getMessage());
            }
        });
    }

    synchronized List<String> matching(Predicate<String> wanted) {
        return lines.stream().filter(wanted).toList();
    }

    /// Waits for a line; false if none has come in time.
    synchronized boolean await(Predicate<String> wanted, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (lines.stream().noneMatch(wanted)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /// An error with the last lines.
    synchronized AssertionError failure(String what) {
        List<String> last = lines.subList(Math.max(0, lines.size() - TAIL), lines.size());
        return new AssertionError("%s. The last lines of %s:%n%s".formatted(what, path, String.join("\n", last)));
    }

    @Override
    public void close() {
        file.close();
    }
}
