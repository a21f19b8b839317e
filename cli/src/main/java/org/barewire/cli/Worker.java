package org.barewire.cli;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.linux.Sched;
import org.barewire.drivers.Threads;
import org.jspecify.annotations.Nullable;

/// A data-plane thread: stays on one CPU and polls until it is told to stop. In adaptive mode it sleeps when a number
/// of polls in a row have moved nothing.
///
/// What the loop throws ends the thread, and is thrown at whoever {@linkplain #check checks} or closes.
final class Worker implements AutoCloseable {
    /// One step of the data plane.
    @FunctionalInterface
    interface Loop {
        /// Moves what there is to move, without waiting; returns how many packets that were.
        int poll();

        /// Sleeps until there may be something to move, `nanos` at most: see {@link
        /// org.barewire.core.device.RxQueue#await}.
        default void await(long nanos) {
            LockSupport.parkNanos(Math.min(nanos, NAP));
        }
    }

    private static final int EMPTY_POLLS = 1000; // in a row, before others get the CPU
    private static final int AWAKE_POLLS = 256; // before an adaptive one sleeps
    private static final long SLEEP = 100_000_000; // nanoseconds before it looks whether it is to stop
    private static final long NAP = 50_000; // nanoseconds, of a loop that nothing wakes

    private final Loop loop;
    private final RxMode mode;
    private final int cpu;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    private Worker(String name, int cpu, RxMode mode, Loop loop) {
        this.loop = loop;
        this.mode = mode;
        this.cpu = cpu;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /// Starts a worker that never sleeps.
    ///
    /// @param cpu to stay on
    static Worker start(String name, int cpu, Loop loop) {
        return start(name, cpu, RxMode.POLLING, loop);
    }

    /// Starts a worker.
    ///
    /// @param cpu to stay on
    static Worker start(String name, int cpu, RxMode mode, Loop loop) {
        Worker worker = new Worker(name, cpu, mode, loop);
        worker.thread.start();
        return worker;
    }

    private void run() {
        try {
            Sched.pin(cpu);
            switch (mode) {
                case POLLING -> poll();
                case ADAPTIVE -> pollAndSleep();
            }
        } catch (Throwable t) {
            failure = t;
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on the yield: there may be fewer CPUs than threads
    private void poll() {
        int empty = 0;
        while (!stopping) {
            if (loop.poll() > 0) {
                empty = 0;
            } else if (++empty < EMPTY_POLLS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private void pollAndSleep() {
        int empty = 0;
        while (!stopping) {
            if (loop.poll() > 0) {
                empty = 0;
            } else if (++empty < AWAKE_POLLS) {
                Thread.onSpinWait();
            } else {
                loop.await(SLEEP);
            }
        }
    }

    /// Throws what ended the worker, if anything did.
    void check() {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Throwable t -> throw new IllegalStateException(thread.getName() + " has failed: " + t, t);
        }
    }

    /// Asks the worker to stop after the step it is in. Does not wait.
    void stop() {
        stopping = true;
    }

    /// Stops workers, waits until all of them have stopped, and then throws what ended the first that failed.
    static void closeAll(List<Worker> workers) {
        workers.forEach(Worker::stop);
        workers.forEach(worker -> Threads.join(worker.thread));
        workers.forEach(Worker::check);
    }

    /// Stops the worker, waits until it has, and throws what ended it, if anything did.
    @Override
    public void close() {
        stop();
        Threads.join(thread);
        check();
    }
}
