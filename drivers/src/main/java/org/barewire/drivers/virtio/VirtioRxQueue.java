package org.barewire.drivers.virtio;

import java.util.concurrent.atomic.AtomicReference;
import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Poll;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/// A receive queue, whose ring comes and goes with the peer.
///
/// The control plane offers a ring, or says that there is none; the data-path thread takes that over with
/// its next call, and gives back the ring before. So a ring belongs to one thread at any time.
final class VirtioRxQueue implements RxQueue {
    private record Change(@Nullable RxRing ring) {}

    private final PacketMemory memory;
    private final PacketPool pool;
    private final long counters = Counters.allocate();
    private final AtomicReference<@Nullable Change> change = new AtomicReference<>();
    private @Nullable EventFd interrupt; // set before the data path has the queue, as is:
    private @Nullable Poll sleep; // until the interrupt
    private @Nullable RxRing ring; // the data path's

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

    /// The interrupt is asked for before the ring is looked at for the last time, so a packet is either seen or
    /// interrupts.
    @Override
    public boolean await(long nanos) {
        if (change.get() != null) {
            applyChange();
        }
        RxRing ring = this.ring;
        if (ring == null || sleep == null || interrupt == null) {
            return ring != null && ring.isWaiting() || RxQueue.super.await(nanos);
        }
        ring.setInterrupts(true);
        boolean waiting = ring.isWaiting();
        if (!waiting && sleep.awaitNanos(nanos) > 0) {
            interrupt.drain();
            waiting = true;
        }
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

    /// Has {@link #await} sleep until this interrupt. Called before the data path has the queue.
    void wakeBy(EventFd interrupt) {
        this.interrupt = interrupt;
        this.sleep = Poll.of(interrupt.fd(), Poll.IN);
    }

    /// Hands over a ring that has no buffers yet, or null: the ring before may be given back.
    void offer(@Nullable RxRing ring) {
        Change missed = change.getAndSet(new Change(ring));
        if (missed != null && missed.ring != null) {
            missed.ring.release(memory);
        }
    }

    /// Gives the device its first buffers, before the data path has the queue.
    void fill() {
        applyChange();
        if (ring != null) {
            ring.refill();
            pool.unbind();
        }
    }

    /// Gives everything back. The data path has stopped.
    void close() {
        offer(null);
        applyChange();
        pool.close();
        Counters.free(counters);
    }

    private void applyChange() {
        Change change = this.change.getAndSet(null);
        if (ring != null) {
            ring.release(memory);
        }
        ring = change == null ? null : change.ring;
    }
}
