package org.barewire.drivers.memif;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.PacketPool;

/// A receive queue, which outlives connections.
final class MemifRxQueue implements RxQueue {
    private final PacketPool pool;
    private final Sleeper sleeper = new Sleeper();
    private final long counters = Counters.allocate();
    private final Guard<Receiver> guard = new Guard<>();
    private volatile boolean closed;

    MemifRxQueue(PacketPool pool) {
        this.pool = pool;
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        Receiver end = guard.enter();
        try {
            int n = end == null ? 0 : end.receive(packets, from, count);
            Guard.settle();
            return n;
        } catch (InternalError e) { // what the JVM makes of SIGBUS: the peer has shortened the file
            guard.fault();
            Counters.add(counters, QueueCounters.FAULTS, 1);
            return 0;
        } finally {
            guard.leave();
        }
    }

    /// The other side is asked to signal before the ring is looked at for the last time, so a packet is
    /// either seen or signalled.
    @Override
    public boolean await(long nanos) {
        Receiver end = guard.enter();
        try {
            boolean woken = closed ? RxQueue.super.await(nanos) : sleeper.await(end, nanos);
            Guard.settle();
            return woken;
        } catch (InternalError e) { // as in receive()
            guard.fault();
            Counters.add(counters, QueueCounters.FAULTS, 1);
            return true;
        } finally {
            guard.leave();
        }
    }

    /// Wakes the queue's thread too, which may have to offer buffers before packets can come.
    void connect(Receiver end) {
        guard.give(end);
        sleeper.wake();
    }

    void disconnect() {
        Receiver end = guard.withdraw();
        sleeper.wake();
        guard.awaitLeave();
        if (end != null) {
            end.close();
        }
    }

    boolean isFaulty() {
        return guard.isFaulty();
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(counter(QueueCounters.PACKETS), 0, QueueCounters.errors(counters));
    }

    long counter(int index) {
        return Counters.get(counters, index);
    }

    long counters() {
        return counters;
    }

    void close() {
        closed = true;
        sleeper.wake();
        guard.awaitLeave();
        sleeper.close();
        pool.close();
        Counters.free(counters);
    }
}
