package org.barewire.drivers.memif;

import java.util.function.ToIntFunction;
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
        return asked(Sender::reclaim);
    }

    /// Whether the other side is there and has not read everything yet.
    boolean isUnread() {
        return asked(Sender::unread) > 0;
    }

    /// What the connection's end says, or 0 if there is none.
    private int asked(ToIntFunction<Sender> question) {
        Sender end = guard.enter();
        try {
            int answer = end == null ? 0 : question.applyAsInt(end);
            Guard.settle();
            return answer;
        } catch (InternalError e) { // as in send()
            guard.fault();
            return 0;
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
