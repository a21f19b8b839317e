package org.barewire.drivers.virtio;

import java.util.concurrent.atomic.AtomicReference;
import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/// A send queue, whose ring comes and goes with the peer; see {@link VirtioRxQueue}. Without a ring it
/// takes nothing.
final class VirtioTxQueue implements TxQueue {
    private record Change(@Nullable TxRing ring) {}

    private final PacketMemory memory;
    private final long counters = Counters.allocate();
    private final AtomicReference<@Nullable Change> change = new AtomicReference<>();
    private @Nullable TxRing ring; // the data path's

    VirtioTxQueue(PacketMemory memory) {
        this.memory = memory;
    }

    @Override
    public int send(long[] packets, int from, int count) {
        TxRing ring = current();
        return ring == null ? 0 : ring.send(packets, from, count);
    }

    @Override
    public int sendOrRelease(long[] packets, int from, int count) {
        int sent = send(packets, from, count);
        if (sent < count) {
            PacketPool.release(packets, from + sent, count - sent);
            Counter.DROPPED.add(counters, count - sent);
        }
        return sent;
    }

    @Override
    public int reclaim() {
        TxRing ring = current();
        if (ring == null) {
            return 0;
        }
        ring.clean();
        return ring.sent - ring.completed;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(
                Counter.PACKETS.get(counters), Counter.DROPPED.get(counters), Counter.ERRORS.get(counters));
    }

    long counters() {
        return counters;
    }

    /// Hands over a ring, or null: the ring before may be given back.
    void offer(@Nullable TxRing ring) {
        Change missed = change.getAndSet(new Change(ring));
        if (missed != null && missed.ring != null) {
            missed.ring.release(memory);
        }
    }

    /// Gives everything back. The data path has stopped.
    void close() {
        offer(null);
        applyChange();
        Counters.free(counters);
    }

    private @Nullable TxRing current() {
        if (change.get() != null) {
            applyChange();
        }
        return ring;
    }

    private void applyChange() {
        Change change = this.change.getAndSet(null);
        if (ring != null) {
            ring.release(memory);
        }
        ring = change == null ? null : change.ring;
    }
}
