package org.barewire.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/// What a running command is at, for people: once a second, on one line that is updated in place on a
/// terminal, and on a new line each elsewhere. For one thread.
final class StatusLine implements AutoCloseable {
    private static final long PERIOD = 1_000_000_000;

    private final PrintWriter out;
    private final boolean terminal;
    private long shownNanos = System.nanoTime();
    private boolean open; // there is a line to be overwritten

    /// @param terminal whether a line can be updated in place
    StatusLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /// A line on standard error.
    static StatusLine on(PrintWriter err) {
        return new StatusLine(err, errorIsTerminal());
    }

    /// Is it time for the next one? True at most once a second.
    boolean isDue(long nowNanos) {
        if (nowNanos - shownNanos < PERIOD) {
            return false;
        }
        shownNanos += (nowNanos - shownNanos) / PERIOD * PERIOD;
        return true;
    }

    void show(String text) {
        if (terminal) {
            out.print("\r\033[K\033[?7l" + text + "\033[?7h"); // cut, not continued on a row that stays
            open = true;
        } else {
            out.println(text);
        }
        out.flush();
    }

    /// Prints a sentence on a line of its own, which stays.
    void tell(String sentence) {
        if (open) {
            out.print("\r\033[K");
            open = false;
        }
        out.println(sentence);
        out.flush();
    }

    /// Ends the line, so that whatever is printed next begins on one of its own.
    @Override
    public void close() {
        if (open) {
            out.println();
            out.flush();
            open = false;
        }
    }

    private static boolean errorIsTerminal() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            String target = Path.of("/proc/self/fd/2").toRealPath().toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false; // a pipe or a deleted file
        }
    }
}
