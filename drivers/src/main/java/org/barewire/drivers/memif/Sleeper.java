package org.barewire.drivers.memif;

import org.barewire.core.linux.EventFd;
import org.barewire.drivers.Sleep;
import org.jspecify.annotations.Nullable;

/// How the thread of a receive queue sleeps: at the event counter of its ring, while there is a connection,
/// until the peer signals it or the control thread has a connection to give or to take. Belongs to the
/// queue's thread but for {@link #wake} and {@link #close}.
final class Sleeper {
    /// Nanoseconds. DPDK, VPP and libmemif have no barrier between the store of their index and their look
    /// at the flag, so that they may miss that it was cleared while this side misses the index. A processor
    /// holds a store back for less than a microsecond: a second look sees it.
    private static final long SECOND_LOOK = 100_000;

    private final Sleep sleep = new Sleep();

    /// Sleeps until the ring may have packets, the connection changes, or the time is over; false if it is.
    ///
    /// @param end that nobody takes away before this returns; null if there is no connection
    boolean await(@Nullable Receiver end, long nanos) {
        if (end == null) {
            return sleep.until(null, nanos);
        }
        Doorbell bell = end.bell();
        EventFd event = bell.event();
        bell.listen();
        long first = Math.min(nanos, SECOND_LOOK);
        boolean woken = end.isWaiting()
                || sleep.until(event, first)
                || end.isWaiting()
                || nanos > first && sleep.until(event, nanos - first);
        bell.ignore();
        return woken;
    }

    /// Ends the sleep, or the next one if there is none now.
    void wake() {
        sleep.end();
    }

    /// Nobody sleeps any more.
    void close() {
        sleep.close();
    }
}
