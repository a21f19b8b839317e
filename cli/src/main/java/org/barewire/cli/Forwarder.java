package org.barewire.cli;

import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.Relay;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;

/// Sends whatever arrives on one queue out of another, burst by burst, between devices that cannot relay in
/// place. What the sender has no room for is dropped.
final class Forwarder implements Relay, Worker.Loop {
    private static final long PATIENCE = 100_000_000; // nanoseconds for the last packets to leave

    private final RxQueue rx;
    private final TxQueue tx;
    private final long[] packets;

    /// @param batch packets a burst
    Forwarder(RxQueue rx, TxQueue tx, int batch) {
        this.rx = rx;
        this.tx = tx;
        this.packets = new long[batch];
    }

    @Override
    public int poll(int count) {
        long[] packets = this.packets;
        int n = rx.receive(packets, 0, Math.min(count, packets.length));
        if (n > 0) {
            tx.sendOrRelease(packets, n);
        }
        return n;
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

    /// Waits for the last packets to leave. The queues stay their devices'.
    @Override
    public void close() {
        long start = System.nanoTime();
        while (tx.reclaim() > 0 && System.nanoTime() - start < PATIENCE) {
            Thread.onSpinWait();
        }
    }
}
