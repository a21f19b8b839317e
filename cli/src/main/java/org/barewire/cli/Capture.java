package org.barewire.cli;

import java.time.Instant;
import java.util.List;
import org.barewire.core.device.Counters;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Receives packets and copies them into a {@link CaptureRing}: the data plane of `barewire dump`.
final class Capture implements Worker.Loop, AutoCloseable {
    private static final int BATCH = 64;
    private static final int PACKETS = 0;
    private static final int BYTES = 1;
    private static final int DROPPED = 2;

    private final RxQueue[] queues;
    private final CaptureRing ring;
    private final long[] packets = new long[BATCH];
    private final long counters = Counters.allocate();
    private final long epochOffset; // from the monotonic clock to nanoseconds since 1970
    private long left;

    /// @param most packets to receive
    Capture(List<RxQueue> queues, CaptureRing ring, long most) {
        this.queues = queues.toArray(RxQueue[]::new);
        this.ring = ring;
        this.left = most;
        Instant now = Instant.now();
        epochOffset = now.getEpochSecond() * 1_000_000_000 + now.getNano() - System.nanoTime();
    }

    @Override
    public int poll() {
        int received = 0;
        for (RxQueue queue : queues) {
            received += poll(queue);
        }
        return received;
    }

    private int poll(RxQueue queue) {
        long[] packets = this.packets;
        int count = queue.receive(packets, 0, (int) Math.min(packets.length, left));
        if (count == 0) {
            return 0;
        }
        long time = System.nanoTime() + epochOffset;
        long bytes = 0;
        int dropped = 0;
        for (int i = 0; i < count; i++) {
            long packet = packets[i];
            bytes += Packet.totalLength(packet);
            if (!ring.offer(time, packet)) {
                dropped++;
            }
        }
        PacketPool.release(packets, 0, count);
        left -= count;
        Counters.add(counters, DROPPED, dropped);
        Counters.add(counters, BYTES, bytes);
        Counters.add(counters, PACKETS, count);
        return count;
    }

    /// Packets received so far, those dropped included. Any thread may call this and the like.
    long packets() {
        return Counters.get(counters, PACKETS);
    }

    long bytes() {
        return Counters.get(counters, BYTES);
    }

    /// Packets for which there was no room in the ring.
    long dropped() {
        return Counters.get(counters, DROPPED);
    }

    /// Gives the counters back, when nobody polls any more.
    @Override
    public void close() {
        Counters.free(counters);
    }
}
