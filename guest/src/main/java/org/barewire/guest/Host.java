package org.barewire.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Commands of bash on this machine, which is the guests' host.
final class Host {
    private Host() {}

    /// Runs a script and returns what it wrote, errors among it.
    ///
    /// @throws AssertionError if it fails
    static String run(String script) {
        try {
            Process process = start(script);
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new AssertionError("status %d of: %s%n%s".formatted(status, script, output));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted during: " + script, e);
        }
    }

    /// Starts a command that goes on by itself; its output is to be read, errors among it.
    static Process start(String command) throws IOException {
        return new ProcessBuilder("bash", "-c", command)
                .redirectErrorStream(true)
                .start();
    }

    /// Waits for a command's end, and returns its status.
    ///
    /// @throws AssertionError if it takes longer
    static int await(Process process, Duration patience) {
        process.onExit()
                .completeOnTimeout(process, patience.toSeconds(), TimeUnit.SECONDS)
                .join();
        if (process.isAlive()) {
            throw new AssertionError("this has not ended in %d s: %s"
                    .formatted(
                            patience.toSeconds(), process.info().commandLine().orElse("")));
        }
        return process.exitValue();
    }
}
