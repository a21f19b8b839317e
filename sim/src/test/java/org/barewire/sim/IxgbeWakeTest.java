package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A thread that sleeps at a receive queue of the ixgbe driver, while the model runs by the clock.
@Tag("slow")
@Tag("unchecked")
@Timeout(120)
class IxgbeWakeTest {
    private static final int WINDOW = 256; // so that no ring overflows while a thread is not let run
    private static final int AWAKE_POLLS = 64;
    private static final int WARM_UP = 50; // packets until the processor's time counts
    private static final long PATIENCE = 5_000_000_000L; // nanoseconds: a packet sleeps if it waits so long
    private static final int NUMBER = 14; // behind the Ethernet header
    private static final int TIME = NUMBER + 8; // of sending

    private volatile int received;
    private volatile boolean stuck;
    private volatile String disorder = "";
    private long[] delays = new long[0]; // of each packet, in nanoseconds; like the next two the sleeper's till its end
    private int sleeps;
    private double cpuShare; // of one processor

    @Test
    void ofAMillionPacketsInBurstsNoneIsLostAndNoneStuck() throws InterruptedException {
        SplittableRandom random = new SplittableRandom(5);
        run(1_000_000, () -> random.nextInt(1, 65), () -> random.nextInt(4) == 0 ? 0 : random.nextInt(200_000));
    }

    @Test
    void aHundredPacketsASecondTakeLittleOfACpu() throws InterruptedException {
        run(300, () -> 1, () -> 10_000_000);
        assertThat(cpuShare).isStrictlyBetween(0.0, 0.05);
        assertThat(sleeps).isLessThan(10 * 300);
        Arrays.sort(delays);
        assertThat(delays[delays.length / 2]).isLessThan(10_000_000); // the machine may have others to serve
    }

    /// @param pause between bursts, in nanoseconds
    private void run(int count, IntSupplier burst, IntSupplier pause) throws InterruptedException {
        delays = new long[count];
        try (NetDevice a = NetDevice.open("sim:wake-a?wire=wake");
                NetDevice b = NetDevice.open("sim:wake-b?wire=wake");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
            RxQueue rx = b.rx(0);
            TxQueue tx = a.tx(0);
            byte[] frame = Frames.to(b.macAddress().toString().replace(":", ""), 60);
            Thread sleeper = Thread.ofPlatform().start(() -> receive(rx));
            for (int sent = 0; sent < count && sleeper.isAlive(); ) {
                int n = Math.min(burst.getAsInt(), Math.min(count - sent, WINDOW - (sent - received)));
                for (int i = 0; i < n; i++, sent++) {
                    send(tx, pool, frame, sent);
                }
                LockSupport.parkNanos(pause.getAsInt());
            }
            sleeper.join();
            assertThat(disorder).isEmpty();
            assertThat(stuck).as("asleep after packet %d", received).isFalse();
            assertThat(received).isEqualTo(count);
            assertThat(sleeps).isPositive();
        }
        assertThat(SimPorts.complaints()).noneMatch(complaint -> complaint.startsWith("sim:wake"));
    }

    private static void send(TxQueue tx, PacketPool pool, byte[] frame, long number) {
        long packet = pool.allocate();
        while (packet == 0) {
            tx.reclaim();
            packet = pool.allocate();
        }
        packet = Packet.resize(packet, frame.length);
        Packet.write(packet, 0, frame, 0, frame.length);
        Packet.setLong(packet, NUMBER, number);
        Packet.setLong(packet, TIME, System.nanoTime());
        long[] one = {packet};
        while (tx.send(one, 0, 1) == 0) {
            tx.reclaim();
        }
    }

    private void receive(RxQueue rx) {
        long[] packets = new long[64];
        int empty = 0;
        int next = 0;
        long cpu = 0;
        long start = 0;
        while (next < delays.length && !stuck && disorder.isEmpty()) {
            int n = rx.receive(packets);
            for (int i = 0; i < n; i++) {
                if (Packet.getLong(packets[i], NUMBER) != next) {
                    disorder = "packet %d came, not %d".formatted(Packet.getLong(packets[i], NUMBER), next);
                }
                delays[next++] = System.nanoTime() - Packet.getLong(packets[i], TIME);
            }
            if (start == 0 && next >= WARM_UP) {
                cpu = cpuNanos();
                start = System.nanoTime();
            }
            PacketPool.release(packets, 0, n);
            received = next;
            empty = n > 0 ? 0 : empty + 1;
            if (empty >= AWAKE_POLLS) {
                sleeps++;
                stuck = !rx.await(PATIENCE);
            }
        }
        cpuShare = (double) (cpuNanos() - cpu) / (System.nanoTime() - start);
    }

    /// How long this thread has run.
    private static long cpuNanos() {
        try {
            String times = Files.readString(Path.of("/proc/thread-self/schedstat"));
            return Long.parseLong(times.substring(0, times.indexOf(' ')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
