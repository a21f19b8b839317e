package org.barewire.drivers.memif;

import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Poll;
import org.jspecify.annotations.Nullable;

/// Where the thread of a receive queue sleeps: at the event counter of its ring, while there is a connection, and
/// at one of the queue's own, by which the control thread wakes it when a connection has come or is to go.
/// Belongs to the queue's thread but for {@link #wake} and {@link #close}.
final class Sleeper {
    private static final int CHANGE = 0;
    private static final int RING = 1;

    /// Nanoseconds. DPDK, VPP and libmemif have no barrier between the store of their index and their look at the
    /// flag, so that they may miss that it was cleared while this side misses the index. A processor holds a store
    /// back for less than a microsecond: a second look sees it.
    private static final long SECOND_LOOK = 100_000;

    private final EventFd change = EventFd.create();
    private final Poll poll = new Poll(2);

    Sleeper() {
        poll.set(CHANGE, change.fd(), Poll.IN);
    }

    /// Sleeps until the ring may have packets, the connection changes, or the time is over; false if it is.
    ///
    /// @param end that nobody takes away before this returns; null if there is no connection
    boolean await(@Nullable Receiver end, long nanos) {
        if (end == null) {
            poll.set(RING, -1, 0);
            return sleep(nanos, null);
        }
        Doorbell bell = end.bell();
        poll.set(RING, bell.fd(), Poll.IN);
        bell.listen();
        long first = Math.min(nanos, SECOND_LOOK);
        boolean woken =
                end.isWaiting() || sleep(first, bell) || end.isWaiting() || nanos > first && sleep(nanos - first, bell);
        bell.ignore();
        return woken;
    }

    private boolean sleep(long nanos, @Nullable Doorbell bell) {
        if (poll.awaitNanos(nanos) <= 0) {
            return false;
        }
        if (poll.happened(CHANGE) != 0) {
            change.drain();
        }
        if (bell != null && poll.happened(RING) != 0) {
            bell.drain();
        }
        return true;
    }

    /// Ends the sleep, or the next one if there is none now.
    void wake() {
        change.signal();
    }

    /// Nobody sleeps any more.
    void close() {
        change.close();
    }
}
