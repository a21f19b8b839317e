package org.barewire.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A shell in the guest, at the other end of a serial port: one command at a time. Belongs to one thread.
final class Shell {
    /// Begins the line that says how a command ended; a byte that no text has.
    private static final String END = "\u0001";

    private static final String CLOSED = END + "closed";

    private final Channel channel;
    private final Log log;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Shell(Channel channel, Log log) {
        this.channel = channel;
        this.log = log;
    }

    /// Waits for QEMU, and passes on what comes from the guest in a thread of its own.
    void connect() throws IOException {
        BufferedReader reader = channel.accept();
        Thread.ofPlatform().daemon().name(channel.name()).start(() -> pass(reader));
    }

    private void pass(BufferedReader reader) {
        try {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.startsWith(END) && !line.isEmpty()) {
                    log.add(channel.name(), line);
                }
                lines.add(line);
            }
        } catch (IOException e) {
            log.add(channel.name(), "ended: " + e.getMessage());
        }
        lines.add(CLOSED);
    }

    /// Runs a command, of one line or many, with nothing to read.
    Result run(String script, Duration patience) {
        start(script, "</dev/null");
        StringBuilder output = new StringBuilder();
        while (true) {
            String line = line(patience, script);
            if (line.startsWith(END)) {
                return new Result(status(line), output.toString().stripTrailing());
            }
            output.append(line).append('\n');
        }
    }

    /// Starts a command that reads what is {@linkplain #send sent} to it.
    void start(String script) {
        start(script, "");
    }

    private void start(String script, String input) {
        log.add(channel.name(), "$ " + script);
        String quoted = "'" + script.replace("'", "'\\''") + "'";
        channel.send("( eval %s ) %s; printf '\\n\\001%%d\\n' $?".formatted(quoted, input));
    }

    /// Sends a line to the command that runs.
    void send(String line) {
        log.add(channel.name(), "< " + line);
        channel.send(line);
    }

    /// The next line that the command writes.
    ///
    /// @param what is waited for, for people
    /// @throws AssertionError if none comes in time, or the guest has ended
    String line(Duration patience, String what) {
        try {
            String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                throw log.failure("The guest has not done this in %d s: %s".formatted(patience.toSeconds(), what));
            }
            if (line.equals(CLOSED)) {
                throw log.failure("The guest ended during this: " + what);
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw log.failure("Interrupted while the guest does this: " + what);
        }
    }

    /// Whether a line says that the command has ended.
    static boolean isEnd(String line) {
        return line.startsWith(END);
    }

    static int status(String line) {
        return Integer.parseInt(line.substring(END.length()));
    }
}
