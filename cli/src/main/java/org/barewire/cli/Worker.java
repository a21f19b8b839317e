package org.barewire.cli;

import java.util.List;
import org.barewire.core.linux.Sched;
import org.jspecify.annotations.Nullable;

/// A data-plane thread: stays on one CPU and polls until it is told to stop.
///
/// What the loop throws ends the thread, and is thrown at whoever {@linkplain #check checks} or closes.
final class Worker implements AutoCloseable {
    /// One step of the data plane.
    @FunctionalInterface
    interface Loop {
        /// Moves what there is to move, without waiting; returns how many packets that were.
        int poll();
    }

    private static final int EMPTY_POLLS = 1000; // in a row, before others get the CPU

    private final Loop loop;
    private final int cpu;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    private Worker(String name, int cpu, Loop loop) {
        this.loop = loop;
        this.cpu = cpu;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /// Starts a worker.
    ///
    /// @param cpu to stay on
    static Worker start(String name, int cpu, Loop loop) {
        Worker worker = new Worker(name, cpu, loop);
        worker.thread.start();
        return worker;
    }

    private void run() {
        try {
            Sched.pin(cpu);
            poll();
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
        workers.forEach(Worker::join);
        workers.forEach(Worker::check);
    }

    /// Stops the worker, waits until it has, and throws what ended it, if anything did.
    @Override
    public void close() {
        stop();
        join();
        check();
    }

    private void join() {
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
