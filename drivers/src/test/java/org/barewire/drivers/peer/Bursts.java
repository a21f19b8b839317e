package org.barewire.drivers.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/// Numbered packets that are sent now and then to a thread that polls for a moment and then sleeps: none may
/// be lost, and none may wait for a thread that sleeps on.
public final class Bursts {
    private static final int ETHER_TYPE = 0x88B5; // for local experiments (IEEE 802)
    private static final int TIME = 24; // of sending, behind addresses, type and number
    private static final int LENGTH = 60;
    private static final int WINDOW = 256; // so that no queue overflows while a thread is not let run
    private static final int AWAKE_POLLS = 64;
    private static final long SLEEP = 10_000; // nanoseconds: what takes longer was no look at the ring
    private static final long PATIENCE = 5_000_000_000L; // nanoseconds: a packet sleeps if it waits so long

    private final RxQueue rx;
    private final long[] delays;
    private volatile int received;
    private volatile long started;
    private volatile long cpuNanos;
    private int sleeps; // the receiving thread's until it has ended
    private volatile String complaint = "";
    private volatile @Nullable Throwable failure;

    private Bursts(RxQueue rx, int count) {
        this.rx = rx;
        this.delays = new long[count];
    }

    /// What became of them.
    ///
    /// @param complaint   what was wrong first, or an empty string
    /// @param medianDelay nanoseconds from sending to receiving
    /// @param sleeps      how often the receiving thread waited for more than a moment
    /// @param cpuShare    of one processor, that the receiving thread took
    public record Result(int received, String complaint, long medianDelay, int sleeps, double cpuShare) {}

    /// Sends bursts of 1 to 64 packets, and pauses of up to 200 µs, or none, between them.
    public static Result atRandom(TxQueue tx, PacketPool pool, RxQueue rx, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new Bursts(rx, count)
                .run(tx, pool, () -> random.nextInt(1, 65), () -> random.nextInt(4) == 0 ? 0 : random.nextInt(200_000));
    }

    /// Sends packets one by one, in the same distances.
    public static Result evenly(TxQueue tx, PacketPool pool, RxQueue rx, int count, int perSecond) {
        return new Bursts(rx, count).run(tx, pool, () -> 1, () -> 1_000_000_000 / perSecond);
    }

    /// Has testpmd, which forwards, send a burst now and then to a thread that sleeps. Says what was wrong,
    /// or nothing: a burst was not woken for, or nobody slept when there was none.
    public static String awaited(RxQueue rx, Testpmd peer, int bursts) {
        long[] packets = new long[64];
        for (int burst = 0; burst < bursts; burst++) {
            peer.command("stop");
            peer.counter(0, "RX-packets"); // it has stopped
            do {
                PacketPool.release(packets, 0, rx.receive(packets));
            } while (rx.await(1_000_000)); // false: there is nothing, and it has slept
            peer.command("start tx_first");
            for (int received = 0; received < 32; ) {
                if (!rx.await(PATIENCE)) {
                    return "asleep after packet %d of burst %d".formatted(received, burst);
                }
                int n = rx.receive(packets);
                PacketPool.release(packets, 0, n);
                received += n;
            }
        }
        return "";
    }

    private interface Choice {
        int next();
    }

    private Result run(TxQueue tx, PacketPool pool, Choice burst, Choice pause) {
        Thread receiver = Thread.ofPlatform().name("sleeper").start(this::receiveAll);
        while (started == 0) {
            Thread.onSpinWait();
        }
        int sent = 0;
        long start = System.nanoTime();
        while (sent < delays.length && receiver.isAlive()) {
            int n = Math.min(burst.next(), Math.min(delays.length - sent, WINDOW - (sent - received)));
            if (n == 0 || pool.available() < n) {
                tx.reclaim();
                LockSupport.parkNanos(10_000);
                continue;
            }
            send(tx, pool, sent, n);
            sent += n;
            LockSupport.parkNanos(pause.next());
        }
        join(receiver);
        if (failure != null) {
            throw new AssertionError("the receiver failed", failure);
        }
        long[] sorted = Arrays.copyOf(delays, Math.max(1, received));
        Arrays.sort(sorted);
        double share = (double) cpuNanos / (System.nanoTime() - start);
        return new Result(received, complaint, sorted[sorted.length / 2], sleeps, share);
    }

    private static void send(TxQueue tx, PacketPool pool, int first, int count) {
        long[] packets = new long[count];
        for (int i = 0; i < count; i++) {
            long packet = Packet.resize(pool.allocate(), LENGTH);
            Packet.setLong(packet, 0, 0x0200_0000_0002_0200L);
            Packet.setInt(packet, 8, 1);
            Packet.setShort(packet, 12, ETHER_TYPE);
            Packet.setLong(packet, 14, first + i);
            Packet.setLong(packet, TIME, System.nanoTime());
            packets[i] = packet;
        }
        for (int sent = tx.send(packets, 0, count); sent < count; sent += tx.send(packets, sent, count - sent)) {
            tx.reclaim();
        }
    }

    private void receiveAll() {
        long[] packets = new long[64];
        try {
            rx.receive(packets); // gives the device buffers, where these come with the first call
            started = System.nanoTime();
            long before = cpuTime();
            int empty = 0;
            while (received < delays.length && complaint.isEmpty()) {
                int n = rx.receive(packets);
                for (int i = 0; i < n; i++) {
                    take(packets[i]);
                    Packet.release(packets[i]);
                }
                empty = n > 0 ? 0 : empty + 1;
                if (empty >= AWAKE_POLLS) {
                    sleep();
                }
            }
            cpuNanos = cpuTime() - before;
        } catch (Throwable t) {
            failure = t;
        }
    }

    private void sleep() {
        long start = System.nanoTime();
        if (!rx.await(PATIENCE)) {
            complaint = "asleep after packet " + received;
        }
        sleeps += System.nanoTime() - start > SLEEP ? 1 : 0;
    }

    private void take(long packet) {
        if (Packet.length(packet) < LENGTH || Packet.getShort(packet, 12) != ETHER_TYPE) {
            return;
        }
        long number = Packet.getLong(packet, 14);
        if (number != received) {
            complaint = "packet %d came, not %d".formatted(number, received);
            return;
        }
        int next = received;
        delays[next] = System.nanoTime() - Packet.getLong(packet, TIME);
        received = next + 1;
    }

    /// Nanoseconds that this thread has run.
    private static long cpuTime() {
        try {
            String times = Files.readString(Path.of("/proc/thread-self/schedstat"));
            return Long.parseLong(times.substring(0, times.indexOf(' ')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
