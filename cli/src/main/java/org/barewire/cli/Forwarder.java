package org.barewire.cli;

import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.Relay;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;

/// Sends whatever arrives on one queue out of another, burst by burst, between devices that cannot relay in
/// place. What the sender has no room for is dropped; but if it comes from a queue that {@linkplain
/// RxQueue#keepsPackets keeps packets} it is sent later, and nothing is received until then.
final class Forwarder implements Relay, Worker.Loop {
    private static final long PATIENCE = 100_000_000; // nanoseconds for the last packets to leave

    private final RxQueue rx;
    private final TxQueue tx;
    private final long[] packets;
    private final boolean waits;
    private int from; // packets from here
    private int to; // to here wait for room
    private volatile boolean ended;

    /// @param batch packets a burst
    Forwarder(RxQueue rx, TxQueue tx, int batch) {
        this.rx = rx;
        this.tx = tx;
        this.packets = new long[batch];
        this.waits = rx.keepsPackets();
    }

    @Override
    public int poll(int count) {
        if (waits) {
            return pollPatiently(count);
        }
        long[] packets = this.packets;
        int n = rx.receive(packets, 0, Math.min(count, packets.length));
        if (n > 0) {
            tx.sendOrRelease(packets, n);
        }
        return n;
    }

    private int pollPatiently(int count) {
        if (from == to) {
            from = 0;
            to = rx.receive(packets, 0, Math.min(count, packets.length));
        }
        int sent = from == to ? 0 : tx.send(packets, from, to - from);
        from += sent;
        if (from == to && !ended && rx.isExhausted()) {
            ended = true;
        }
        return sent;
    }

    /// Whether all has been sent that there ever was. Any thread may call.
    boolean isEnded() {
        return ended;
    }

    @Override
    public int poll() {
        return poll(packets.length);
    }

    @Override
    public void await(long nanos) {
        tx.reclaim(); // what has left is of use to others meanwhile
        rx.await(nanos);
    }

    @Override
    public boolean inPlace() {
        return false;
    }

    @Override
    public QueueStatistics received() {
        return rx.statistics();
    }

    @Override
    public QueueStatistics sent(int index) {
        return tx.statistics();
    }

    /// Waits for the last packets to leave, and drops those that can't. The queues stay their devices'.
    @Override
    public void close() {
        long start = System.nanoTime();
        while (from < to && System.nanoTime() - start < PATIENCE) {
            from += tx.send(packets, from, to - from);
        }
        tx.sendOrRelease(packets, from, to - from);
        from = to;
        while (tx.reclaim() > 0 && System.nanoTime() - start < PATIENCE) {
            Thread.onSpinWait();
        }
    }
}
