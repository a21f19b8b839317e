package org.barewire.drivers.nothing;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/// Frames without end, as many as the pool has buffers; or none ever.
final class SourceQueue implements RxQueue {
    private static final int PACKETS = 0;

    private final PacketPool pool;
    private final @Nullable FrameHeaders headers; // null if there are no frames
    private final int length;
    private final long counters = Counters.allocate();

    SourceQueue(PacketPool pool, @Nullable FrameHeaders headers, int length) {
        this.pool = pool;
        this.headers = headers;
        this.length = length;
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        FrameHeaders headers = this.headers;
        if (headers == null) {
            return 0;
        }
        int received = pool.allocate(packets, from, count);
        for (int i = from; i < from + received; i++) {
            long packet = packets[i] | length;
            headers.write(packet);
            packets[i] = packet;
        }
        Counters.add(counters, PACKETS, received);
        return received;
    }

    @Override
    public boolean keepsPackets() {
        return true;
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(Counters.get(counters, PACKETS), 0, 0);
    }

    long bytes() {
        return Counters.get(counters, PACKETS) * length;
    }

    void close() {
        pool.close();
        Counters.free(counters);
    }
}
