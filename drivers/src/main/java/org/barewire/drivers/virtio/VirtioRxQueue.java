package org.barewire.drivers.virtio;

import java.util.concurrent.atomic.AtomicReference;
import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.Sleep;
import org.jspecify.annotations.Nullable;

/// A receive queue, whose ring comes and goes with the peer.
///
/// The control plane offers a ring, or says that there is none; the data-path thread takes that over with
/// its next call, and gives back the ring before. So a ring belongs to one thread at any time.
final class VirtioRxQueue implements RxQueue {
    private record Change(@Nullable RxRing ring, @Nullable EventFd call) {}

    private final PacketMemory memory;
    private final PacketPool pool;
    private final long counters = Counters.allocate();
    private final AtomicReference<@Nullable Change> change = new AtomicReference<>();
    private final Sleep sleep = new Sleep();
    private @Nullable RxRing ring; // the data path's, as is:
    private @Nullable EventFd call; // that the device signals; null if it can't

    VirtioRxQueue(PacketMemory memory, PacketPool pool) {
        this.memory = memory;
        this.pool = pool;
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        if (change.get() != null) {
            applyChange();
        }
        RxRing ring = this.ring;
        return ring == null ? 0 : ring.receive(packets, from, count);
    }

    /// A new ring is {@link #receive}'s to fill with buffers, without which no packet comes: that ends the
    /// wait.
    @Override
    public boolean await(long nanos) {
        if (change.get() != null) {
            return true;
        }
        RxRing ring = this.ring;
        if (ring != null && call == null) {
            return ring.isWaiting() || RxQueue.super.await(nanos);
        }
        if (!sleep.enter()) {
            return true;
        }
        try {
            return ring == null ? sleep.until(null, nanos) : awaitCall(ring, nanos);
        } finally {
            sleep.leave();
        }
    }

    /// The interrupt is asked for before the ring is looked at for the last time, so a packet is either seen
    /// or interrupts.
    private boolean awaitCall(RxRing ring, long nanos) {
        ring.setInterrupts(true);
        boolean waiting = ring.isWaiting() || sleep.until(call, nanos);
        ring.setInterrupts(false);
        return waiting;
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(
                Counter.PACKETS.get(counters), Counter.DROPPED.get(counters), Counter.ERRORS.get(counters));
    }

    long counters() {
        return counters;
    }

    /// Hands over a ring that has no buffers yet, or null: the ring before may be given back. Wakes who
    /// sleeps.
    ///
    /// @param call that the device signals when the ring wants interrupts, if it can; the queue closes it
    ///             with the ring, so that a peer that is gone can't read away what the next one signals
    void offer(@Nullable RxRing ring, @Nullable EventFd call) {
        Change missed = change.getAndSet(new Change(ring, call));
        if (missed != null) {
            release(missed.ring, missed.call);
        }
        sleep.end();
    }

    /// Gives the device its first buffers, before the data path has the queue.
    void fill() {
        applyChange();
        if (ring != null) {
            ring.refill();
            pool.unbind();
        }
    }

    /// Has nobody sleep here any more: ends the sleep, and waits for the end.
    void endSleep() {
        sleep.close();
    }

    /// Gives everything back. The data path has stopped.
    void close() {
        endSleep();
        offer(null, null);
        applyChange();
        pool.close();
        Counters.free(counters);
    }

    private void applyChange() {
        Change change = this.change.getAndSet(null);
        release(ring, call);
        ring = change == null ? null : change.ring;
        call = change == null ? null : change.call;
    }

    private void release(@Nullable RxRing ring, @Nullable EventFd call) {
        if (ring != null) {
            ring.release(memory);
        }
        if (call != null) {
            call.close();
        }
    }
}
