package org.barewire.guest;

import java.lang.management.ManagementFactory;
import java.util.function.BooleanSupplier;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.PacketPool;

/// The job of an {@link Agent} that sleeps at a receive queue.
final class Dozing {
    private static final int BURST = 32;
    private static final int AWAKE_POLLS = 64;
    private static final long SLEEP = 200_000_000; // nanoseconds until it looks whether it is to stop

    private Dozing() {}

    /// Sends back what the first queue receives.
    static Reply echo(OpenDevice device, BooleanSupplier stopped) {
        TxQueue tx = device.tx().getFirst();
        return run(device.rx().getFirst(), (packets, n) -> Traffic.sendAll(tx, packets, n), stopped);
    }

    /// Takes what the first queue receives, and sends nothing back.
    static Reply receive(OpenDevice device, BooleanSupplier stopped) {
        return run(device.rx().getFirst(), (packets, n) -> PacketPool.release(packets, 0, n), stopped);
    }

    private interface Taker {
        void take(long[] packets, int count);
    }

    /// The reply says how many packets there were, how often it slept, how often packets were there after a
    /// sleep that nothing had ended (`stuck`), and how many microseconds of how many the thread has run.
    private static Reply run(RxQueue rx, Taker taker, BooleanSupplier stopped) {
        long[] packets = new long[BURST];
        long received = 0;
        long sleeps = 0;
        long stuck = 0;
        boolean woken = true;
        int empty = 0;
        long start = System.nanoTime();
        long cpu = cpuNanos();
        while (!stopped.getAsBoolean()) {
            int n = rx.receive(packets);
            taker.take(packets, n);
            received += n;
            stuck += n > 0 && !woken ? 1 : 0;
            woken = true;
            empty = n > 0 ? 0 : empty + 1;
            if (empty >= AWAKE_POLLS) {
                woken = rx.await(SLEEP);
                sleeps++;
            }
        }
        return new Reply()
                .with("received", received)
                .with("sleeps", sleeps)
                .with("stuck", stuck)
                .with("cpuMicros", (cpuNanos() - cpu) / 1000)
                .with("micros", (System.nanoTime() - start) / 1000);
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
