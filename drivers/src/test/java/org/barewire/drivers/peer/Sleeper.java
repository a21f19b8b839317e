package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.Packet;
import org.jspecify.annotations.Nullable;

/// A thread that does nothing but receive and, when nothing has come, sleep for as long as it is let.
public final class Sleeper implements AutoCloseable {
    /// Longer than any test waits for it to be woken.
    public static final long FOREVER = 60_000_000_000L;

    private static final long PATIENCE = 10_000_000_000L;

    private final RxQueue rx;
    private final Thread thread;
    private final AtomicInteger received = new AtomicInteger();
    private final AtomicInteger waits = new AtomicInteger();
    private volatile boolean overslept;
    private volatile boolean stop;
    private volatile @Nullable Throwable failure;

    /// Begins to receive.
    public Sleeper(RxQueue rx) {
        this.rx = rx;
        this.thread = Thread.ofPlatform().daemon().name("sleeper").start(this::run);
    }

    private void run() {
        long[] packets = new long[32];
        try {
            while (!stop) {
                int n = rx.receive(packets);
                for (int i = 0; i < n; i++) {
                    Packet.release(packets[i]);
                }
                received.addAndGet(n);
                if (n == 0) {
                    waits.incrementAndGet();
                    overslept |= !rx.await(FOREVER);
                }
            }
        } catch (Throwable t) {
            failure = t;
        }
    }

    /// How often it went to sleep.
    public int waits() {
        return waits.get();
    }

    /// Waits until it has slept for a moment.
    public void awaitAsleep() {
        long start = System.nanoTime();
        int before = -1;
        while (waits.get() != before || thread.getState() != Thread.State.RUNNABLE || !isInPoll()) {
            before = waits.get();
            assertThat(System.nanoTime() - start).as("it does not sleep").isLessThan(PATIENCE);
            Thread.onSpinWait();
        }
    }

    private boolean isInPoll() {
        for (StackTraceElement element : thread.getStackTrace()) {
            if (element.getMethodName().equals("awaitNanos")) {
                return true;
            }
        }
        return false;
    }

    /// Waits until it has received so many packets since it began.
    public void awaitReceived(int count) {
        long start = System.nanoTime();
        while (received.get() < count) {
            assertThat(failure).isNull();
            assertThat(System.nanoTime() - start)
                    .as("received %d of %d", received.get(), count)
                    .isLessThan(PATIENCE);
            Thread.onSpinWait();
        }
    }

    /// Has it end when it is awake, and waits for that: it must be woken.
    public void awaitEnd(Runnable waker) {
        stop = true;
        waker.run();
        try {
            thread.join(PATIENCE / 1_000_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(thread.isAlive()).as("it sleeps on").isFalse();
        assertThat(failure).isNull();
        assertThat(overslept).isFalse();
    }

    /// Leaves it to itself.
    @Override
    public void close() {
        stop = true;
    }
}
