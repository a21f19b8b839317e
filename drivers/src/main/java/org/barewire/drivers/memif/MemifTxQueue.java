package org.barewire.drivers.memif;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.PacketPool;

/// A send queue, which outlives connections. While there is none it takes no packets.
final class MemifTxQueue implements TxQueue {
    private final long counters = Counters.allocate();
    private final Guard<Sender> guard = new Guard<>();

    @Override
    public int send(long[] packets, int from, int count) {
        Sender end = guard.enter();
        try {
            return end == null ? 0 : end.send(packets, from, count);
        } catch (InternalError e) { // what the JVM makes of SIGBUS: the peer has shortened the file
            guard.fault();
            Counters.add(counters, QueueCounters.FAULTS, 1);
            return 0;
        } finally {
            guard.leave();
        }
    }

    @Override
    public int sendOrRelease(long[] packets, int from, int count) {
        int sent = send(packets, from, count);
        if (sent < count) {
            PacketPool.release(packets, from + sent, count - sent);
            Counters.add(counters, QueueCounters.DROPPED, count - sent);
        }
        return sent;
    }

    @Override
    public int reclaim() {
        Sender end = guard.enter();
        try {
            int waiting = end == null ? 0 : end.reclaim();
            Guard.settle();
            return waiting;
        } catch (InternalError e) { // as in send()
            guard.fault();
            return 0;
        } finally {
            guard.leave();
        }
    }

    /// Whether the other side is there and has not read everything yet.
    boolean isUnread() {
        Sender end = guard.enter();
        try {
            boolean unread = end != null && end.unread() > 0;
            Guard.settle();
            return unread;
        } catch (InternalError e) { // as in send()
            guard.fault();
            return false;
        } finally {
            guard.leave();
        }
    }

    void connect(Sender end) {
        guard.give(end);
    }

    void disconnect() {
        Sender end = guard.withdraw();
        guard.awaitLeave();
        if (end != null) {
            end.close();
        }
    }

    boolean isFaulty() {
        return guard.isFaulty();
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(
                counter(QueueCounters.PACKETS), counter(QueueCounters.DROPPED), QueueCounters.errors(counters));
    }

    long counter(int index) {
        return Counters.get(counters, index);
    }

    long counters() {
        return counters;
    }

    void close() {
        Counters.free(counters);
    }
}
