package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
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
    private static final int COUNT = 1_000_000;
    private static final int WINDOW = 256; // so that no ring overflows while a thread is not let run
    private static final int AWAKE_POLLS = 64;
    private static final long PATIENCE = 5_000_000_000L; // nanoseconds: a packet sleeps if it waits so long

    private volatile long received;
    private volatile boolean slept;
    private volatile boolean stuck;

    @Test
    void ofAMillionPacketsInBurstsNoneIsLostAndNoneStuck() throws InterruptedException {
        SplittableRandom random = new SplittableRandom(5);
        try (NetDevice a = NetDevice.open("sim:wake-a?wire=wake");
                NetDevice b = NetDevice.open("sim:wake-b?wire=wake");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
            RxQueue rx = b.rx(0);
            TxQueue tx = a.tx(0);
            byte[] frame = Frames.to(b.macAddress().toString().replace(":", ""), 60);
            Thread sleeper = Thread.ofPlatform().start(() -> receive(rx));
            for (long sent = 0; sent < COUNT && sleeper.isAlive(); ) {
                long n = Math.min(random.nextInt(1, 65), Math.min(COUNT - sent, WINDOW - (sent - received)));
                for (long i = 0; i < n; i++, sent++) {
                    send(tx, pool, frame, sent);
                }
                LockSupport.parkNanos(random.nextInt(4) == 0 ? 0 : random.nextInt(200_000));
            }
            sleeper.join();
            assertThat(stuck).as("asleep after packet %d", received).isFalse();
            assertThat(received).isEqualTo(COUNT);
            assertThat(slept).isTrue();
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
        Packet.setLong(packet, 14, number);
        long[] one = {packet};
        while (tx.send(one, 0, 1) == 0) {
            tx.reclaim();
        }
    }

    private void receive(RxQueue rx) {
        long[] packets = new long[64];
        int empty = 0;
        long next = 0;
        while (next < COUNT && !stuck) {
            int n = rx.receive(packets);
            for (int i = 0; i < n; i++) {
                assertThat(Packet.getLong(packets[i], 14)).isEqualTo(next++);
            }
            PacketPool.release(packets, 0, n);
            received = next;
            empty = n > 0 ? 0 : empty + 1;
            if (empty >= AWAKE_POLLS) {
                slept = true;
                stuck = !rx.await(PATIENCE);
            }
        }
    }
}
