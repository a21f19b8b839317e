package org.barewire.drivers;

import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Poll;
import org.jspecify.annotations.Nullable;

/// Where the thread of a receive queue sleeps whose peer comes and goes: until the peer signals, the control
/// plane has news, or the time is over.
///
/// The peer signals an event counter that it shares with us, and may do with it what it likes. The control
/// plane has one of its own, which no peer knows of, so that a sleep can always be ended.
public final class Sleep implements AutoCloseable {
    private static final int PEER = 0;
    private static final int NEWS = 1;

    private final EventFd news = EventFd.create();
    private final Poll poll = new Poll(2);
    private final Gate gate = new Gate();
    private boolean closed; // guarded by this

    /// Nobody sleeps yet.
    public Sleep() {
        poll.set(NEWS, news.fd(), Poll.IN);
        gate.open();
    }

    /// Queue's thread: true if it may sleep, and use what the queue has, until {@link #leave}; false once
    /// this has been closed.
    public boolean enter() {
        return gate.enter();
    }

    /// Queue's thread: it is up, and has let go of what the queue has.
    public void leave() {
        gate.leave();
    }

    /// Queue's thread, between {@link #enter} and {@link #leave}: sleeps. Allocates nothing. Says whether it
    /// was woken, which may have been meant for the sleep before.
    ///
    /// @param peer  what the peer signals; null if there is none, or none to wait for
    /// @param nanos 0 to look only
    public boolean until(@Nullable EventFd peer, long nanos) {
        poll.set(PEER, peer == null ? -1 : peer.fd(), Poll.IN);
        if (poll.awaitNanos(nanos) <= 0) {
            return false;
        }
        if (peer != null && poll.happened(PEER) != 0) {
            peer.drainShared();
        }
        if (poll.happened(NEWS) != 0) {
            news.drain();
        }
        return true;
    }

    /// Ends the sleep, or the next one if nobody sleeps. Any thread may call.
    public synchronized void end() {
        if (!closed) {
            news.signal();
        }
    }

    /// Ends the sleep, waits until who slept has {@linkplain #leave left}, and lets nobody in any more.
    /// Closing twice does nothing.
    @Override
    public synchronized void close() {
        if (!closed) {
            gate.shut();
            news.signal();
            gate.close();
            news.close();
            closed = true;
        }
    }
}
