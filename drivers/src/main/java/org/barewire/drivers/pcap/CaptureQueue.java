package org.barewire.drivers.pcap;

import java.time.Instant;
import java.util.function.LongSupplier;
import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Packets on their way to a file, which another thread writes: copied into a ring, and given back to their
/// pools at once. While the ring is full none is taken.
final class CaptureQueue implements TxQueue {
    private static final int PACKETS = 0;
    private static final int DROPPED = 1;
    private static final int BYTES = 2;

    private final RecordRing ring;
    private final long counters = Counters.allocate();
    private final LongSupplier clock;

    /// @param clock nanoseconds since 1970
    CaptureQueue(RecordRing ring, LongSupplier clock) {
        this.ring = ring;
        this.clock = clock;
    }

    /// The time of day when it is called, and from then on as the monotonic clock goes: one that is never set.
    static LongSupplier timeOfDay() {
        Instant now = Instant.now();
        long offset = now.getEpochSecond() * 1_000_000_000 + now.getNano() - System.nanoTime();
        return () -> System.nanoTime() + offset;
    }

    @Override
    public int send(long[] packets, int from, int count) {
        if (count == 0) {
            return 0;
        }
        long time = clock.getAsLong();
        RecordRing ring = this.ring;
        long bytes = 0;
        int taken = 0;
        while (taken < count) {
            long packet = packets[from + taken];
            int length = packet < 0 ? length(packet) : Packet.length(packet);
            if (!ring.offer(time, packet, length)) {
                break;
            }
            bytes += length;
            taken++;
        }
        ring.publish();
        PacketPool.release(packets, from, taken);
        Counters.add(counters, BYTES, bytes);
        Counters.add(counters, PACKETS, taken);
        return taken;
    }

    private static int length(long packet) {
        int length = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            length += Packet.length(segment);
        }
        return length;
    }

    @Override
    public int sendOrRelease(long[] packets, int from, int count) {
        int sent = send(packets, from, count);
        PacketPool.release(packets, from + sent, count - sent);
        Counters.add(counters, DROPPED, count - sent);
        return sent;
    }

    /// Packets are given back as they are sent.
    @Override
    public int reclaim() {
        return 0;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(Counters.get(counters, PACKETS), Counters.get(counters, DROPPED), 0);
    }

    long bytes() {
        return Counters.get(counters, BYTES);
    }

    RecordRing ring() {
        return ring;
    }

    void close() {
        ring.close();
        Counters.free(counters);
    }
}
