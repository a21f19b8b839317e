package org.barewire.core.device;

import java.util.concurrent.locks.LockSupport;
import org.barewire.core.packet.PacketPool;

/// Packets as they arrive. Belongs to one thread.
public interface RxQueue {
    /// Takes up to `count` waiting packets into `packets`, from index `from` on, and returns how many there
    /// were; does not wait. The caller owns them.
    int receive(long[] packets, int from, int count);

    /// Takes as many waiting packets as there are and as fit.
    default int receive(long[] packets) {
        return receive(packets, 0, packets.length);
    }

    /// Sleeps until packets may be waiting, or `nanos` have gone by; returns at once if some are. Says whether
    /// some may be: if not, the time is over and there were none.
    ///
    /// No packet sleeps on: whatever arrives after the last {@link #receive}, before this call or during it, ends
    /// the wait, after as long as the device may hold an interrupt back. Allocates nothing. Not for a queue whose
    /// pool is exhausted: what waits there ends the wait at once, and can't be received.
    ///
    /// What nothing wakes, as this default does not know how to, is to be asked again every now and then: it says
    /// "maybe" after 50 µs at most, and then the kernel takes as long again to let the thread run.
    default boolean await(long nanos) {
        LockSupport.parkNanos(Math.min(nanos, 50_000));
        return true;
    }

    /// The pool that the device's receive buffers come from.
    PacketPool pool();

    /// What this queue has counted. Any thread may call.
    QueueStatistics statistics();
}
