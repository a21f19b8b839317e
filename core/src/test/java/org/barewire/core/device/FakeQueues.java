package org.barewire.core.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// A receive and a send queue: receives what a test puts into `arriving`, keeps what is sent in `sent`.
final class FakeQueues implements RxQueue, TxQueue {
    final Queue<Long> arriving = new ArrayDeque<>();
    final List<Long> sent = new ArrayList<>();
    int room = Integer.MAX_VALUE;

    private final PacketPool pool;
    private long dropped;

    FakeQueues(PacketPool pool) {
        this.pool = pool;
    }

    /// What was sent, as bytes; the packets go back to their pools.
    List<byte[]> takeSent() {
        List<byte[]> taken = new ArrayList<>();
        for (long packet : sent) {
            taken.add(Packet.bytes(packet));
            Packet.release(packet);
        }
        sent.clear();
        return taken;
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        int n = 0;
        while (n < count && !arriving.isEmpty()) {
            packets[from + n++] = arriving.remove();
        }
        return n;
    }

    @Override
    public int send(long[] packets, int from, int count) {
        int n = Math.min(count, room - sent.size());
        for (int i = 0; i < n; i++) {
            sent.add(packets[from + i]);
        }
        return n;
    }

    @Override
    public int sendOrRelease(long[] packets, int from, int count) {
        int n = send(packets, from, count);
        PacketPool.release(packets, from + n, count - n);
        dropped += count - n;
        return n;
    }

    @Override
    public int reclaim() {
        return sent.size();
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(sent.size(), dropped, 0);
    }
}
