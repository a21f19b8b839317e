package org.barewire.drivers.nothing;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Gives packets back to their pools as they come.
final class SinkQueue implements TxQueue {
    private static final int PACKETS = 0;
    private static final int BYTES = 1;

    private final long counters = Counters.allocate();

    @Override
    public int send(long[] packets, int from, int count) {
        long bytes = 0;
        for (int i = from; i < from + count; i++) {
            long packet = packets[i];
            bytes += Packet.length(packet);
            if (packet < 0) {
                bytes += furtherBytes(packet);
            }
        }
        PacketPool.release(packets, from, count);
        Counters.add(counters, BYTES, bytes);
        Counters.add(counters, PACKETS, count);
        return count;
    }

    private static long furtherBytes(long packet) {
        long bytes = 0;
        for (long segment = Packet.next(packet); segment != 0; segment = Packet.next(segment)) {
            bytes += Packet.length(segment);
        }
        return bytes;
    }

    @Override
    public int sendOrRelease(long[] packets, int from, int count) {
        return send(packets, from, count);
    }

    /// Nothing is ever under way.
    @Override
    public int reclaim() {
        return 0;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(Counters.get(counters, PACKETS), 0, 0);
    }

    long bytes() {
        return Counters.get(counters, BYTES);
    }

    void close() {
        Counters.free(counters);
    }
}
