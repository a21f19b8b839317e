package org.barewire.drivers;

/// The end of threads.
public final class Threads {
    private Threads() {}

    /// Waits until a thread has ended. An interrupt meanwhile is kept for afterwards.
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
