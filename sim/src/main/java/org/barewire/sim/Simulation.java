package org.barewire.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.linux.Sched;
import org.barewire.drivers.Threads;
import org.jspecify.annotations.Nullable;

/// Wires, testers and device models that live in the same time: stepped one after the other, by a thread of
/// the simulation's own against the clock, or by hand against whatever time the caller says.
///
/// ```
/// try (Simulation simulation = new Simulation("demo")) {
///     simulation.add(wire);
///     simulation.add(tester);
///     simulation.start();
///     simulation.execute(() -> tester.source().start(1_000_000));
/// }
/// ```
///
/// Parts belong to one thread at a time: whoever wants to change one while the simulation runs has it done
/// between two steps, by {@link #execute}. Parts are stepped in the order in which they were added.
///
/// When nothing was done for a while the thread first gives way to others and then sleeps, some 50
/// microseconds at a time. What a part throws ends the simulation, and is thrown at everybody who asks
/// anything of it from then on. Any thread may call the methods here, except where they say otherwise.
public final class Simulation implements AutoCloseable {
    private static final long SPIN = 20_000; // nanoseconds of idleness before the thread gives way
    private static final long YIELD = 200_000; // and before it sleeps
    private static final long NAP = 10_000; // the kernel's timer slack adds 50 microseconds

    private final String name;
    private final Object lock = new Object();
    private final ConcurrentLinkedQueue<FutureTask<?>> errands = new ConcurrentLinkedQueue<>();
    private volatile Steppable[] parts = {};
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;
    private @Nullable Thread thread; // guarded by lock; null when no thread runs
    private long nowNanos = Long.MIN_VALUE; // guarded by lock; of the last step

    /// A simulation that nothing moves yet.
    ///
    /// @param name for people: what the thread is called
    public Simulation(String name) {
        this.name = name;
    }

    /// Adds a part, which {@link #close} closes if it can be closed.
    public void add(Steppable part) {
        execute(() -> {
            Steppable[] more = Arrays.copyOf(parts, parts.length + 1);
            more[more.length - 1] = part;
            parts = more;
        });
    }

    /// Takes a part out, and leaves it to the caller to close it.
    public void remove(Steppable part) {
        execute(() -> {
            List<Steppable> fewer = new ArrayList<>(List.of(parts));
            fewer.remove(part);
            parts = fewer.toArray(Steppable[]::new);
        });
    }

    /// Runs the simulation in a daemon thread, against {@link System#nanoTime}. Does nothing if it runs.
    public void start() {
        start(-1);
    }

    /// Runs the simulation in a daemon thread that stays on one CPU; -1 for any.
    ///
    /// @throws IllegalStateException if it was stepped by hand to a time that the clock has not reached
    public void start(int cpu) {
        check();
        synchronized (lock) {
            if (nowNanos > System.nanoTime()) {
                throw new IllegalStateException(
                        "simulation %s was stepped by hand beyond the clock: time would go back".formatted(name));
            }
            if (thread == null) {
                stopping = false;
                thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> loop(cpu));
                thread.start();
            }
        }
    }

    /// Ends the thread after the step it is in, and waits for that. Does nothing if none runs. Not for the
    /// simulation's own thread.
    public void stop() {
        Thread running;
        synchronized (lock) {
            running = thread;
            stopping = true;
        }
        if (running == Thread.currentThread()) {
            throw new IllegalStateException(
                    "simulation %s cannot stop itself: stop it from another thread".formatted(name));
        }
        if (running != null) {
            LockSupport.unpark(running);
            Threads.join(running);
        }
        check();
    }

    /// Moves every part to `nowNanos`, by hand.
    ///
    /// @return true if any of them had something to do
    /// @throws IllegalStateException    if the simulation's thread runs
    /// @throws IllegalArgumentException if time goes back
    public boolean step(long nowNanos) {
        check();
        synchronized (lock) {
            if (thread != null) {
                throw new IllegalStateException("simulation %s runs by itself: stop it first".formatted(name));
            }
            if (nowNanos < this.nowNanos) {
                throw new IllegalArgumentException(
                        "time goes back in simulation %s, from %d to %d ns".formatted(name, this.nowNanos, nowNanos));
            }
            this.nowNanos = nowNanos;
            return stepAll(nowNanos);
        }
    }

    /// Steps by hand from `fromNanos` (inclusive) to `toNanos` (exclusive).
    public void run(long fromNanos, long toNanos, long stepNanos) {
        for (long now = fromNanos; now < toNanos; now += stepNanos) {
            step(now);
        }
    }

    /// Has something done between two steps, and waits until it is done: on the simulation's thread if it
    /// runs, else on the caller's. Throws what the errand throws; that does not end the simulation.
    public void execute(Runnable errand) {
        check();
        FutureTask<@Nullable Void> task;
        synchronized (lock) {
            if (thread == null || thread == Thread.currentThread()) {
                errand.run();
                return;
            }
            task = new FutureTask<>(errand, null);
            errands.add(task);
            LockSupport.unpark(thread);
        }
        await(task);
    }

    /// Throws what ended the simulation, if anything did.
    ///
    /// @throws IllegalStateException whose cause is what a part has thrown
    public void check() {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("simulation %s has failed: %s".formatted(name, cause), cause);
        }
    }

    /// Stops the simulation and closes the parts that can be closed, the last one first.
    @Override
    public void close() {
        try {
            stop();
        } finally {
            Steppable[] closing = parts;
            parts = new Steppable[0];
            close(closing, closing.length - 1);
        }
    }

    private static void close(Steppable[] parts, int last) {
        if (last >= 0) {
            try {
                if (parts[last] instanceof AutoCloseable part) {
                    close(part);
                }
            } finally {
                close(parts, last - 1);
            }
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("cannot close " + part, e);
        }
    }

    private boolean stepAll(long nowNanos) {
        boolean worked = false;
        for (Steppable part : parts) {
            worked |= part.step(nowNanos);
        }
        return worked;
    }

    private void loop(int cpu) {
        long now = Long.MIN_VALUE;
        try {
            if (cpu >= 0) {
                Sched.pin(cpu);
            }
            long lastWork = System.nanoTime();
            while (!stopping) {
                boolean worked = runErrands();
                now = System.nanoTime();
                if (stepAll(now) || worked) {
                    lastWork = now;
                } else {
                    rest(now - lastWork);
                }
            }
        } catch (Throwable t) {
            failure = t;
        } finally {
            synchronized (lock) {
                thread = null;
                nowNanos = Math.max(nowNanos, now);
                if (failure == null) {
                    runErrands();
                } else {
                    errands.forEach(errand -> errand.cancel(false));
                    errands.clear();
                }
            }
        }
    }

    private boolean runErrands() {
        boolean worked = false;
        FutureTask<?> errand;
        while ((errand = errands.poll()) != null) {
            errand.run();
            worked = true;
        }
        return worked;
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on the yield: it is a courtesy on few cores
    private static void rest(long idleNanos) {
        if (idleNanos < SPIN) {
            Thread.onSpinWait();
        } else if (idleNanos < YIELD) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(NAP);
        }
    }

    private void await(FutureTask<?> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (CancellationException e) {
                    check();
                    throw e;
                } catch (ExecutionException e) {
                    throw rethrown(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private RuntimeException rethrown(ExecutionException e) {
        return switch (e.getCause()) {
            case RuntimeException exception -> exception;
            case Error error -> throw error;
            case null, default -> new IllegalStateException("an errand failed in simulation " + name, e);
        };
    }
}
