package org.barewire.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Lets Ctrl-C and SIGTERM end a running command as if its time were over: the command sees it, prints its
/// summary, closes its devices, and the process ends with the command's own exit status.
///
/// ```
/// try (Stopper stopper = new Stopper()) {
///     while (!options.isOver(start, packets) && !stopper.pause(10)) {
///         status.show(...);
///     }
/// }
/// ```
final class Stopper implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;
    private static final CompletableFuture<Integer> EXIT = new CompletableFuture<>();

    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("barewire-stopper").unstarted(this::stopAndWait);

    Stopper() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// Ends the process with a command's exit status, also if it is ending already because of a signal.
    static void exit(int status) {
        EXIT.complete(status);
        System.exit(status);
    }

    /// Is the command to end?
    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /// Asks the command to end. Any thread may call.
    void stop() {
        stopping.countDown();
    }

    /// Waits for so long, or until the command is to end; says whether it is.
    boolean pause(long millis) {
        try {
            return stopping.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /// From now on a signal ends the process at once.
    @Override
    public void close() {
        if (!isStopping()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                stop(); // a signal has come just now: the process ends with the command's own status
            }
        }
    }

    /// A signal's own exit status would say that the command had failed, so the process is ended from here.
    private void stopAndWait() {
        stop();
        try {
            Runtime.getRuntime().halt(EXIT.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            System.err.println("barewire: the command did not end in %d s".formatted(PATIENCE_SECONDS));
        }
    }
}
