package org.barewire.drivers.memif;

import java.lang.invoke.VarHandle;
import org.barewire.core.linux.EventFd;

/// A ring's event counter, by which its sender wakes its receiver, and the ring's flag, by which the receiver
/// says whether it wants to be woken.
final class Doorbell {
    private final long ring;
    private final EventFd event;

    /// @param event stays the session's
    Doorbell(long ring, EventFd event) {
        this.ring = ring;
        this.event = event;
    }

    /// The sender's, when it has moved the ring's index. The fence keeps the flag from being read before
    /// that: the other side clears it and then looks at the index a last time.
    void ring() {
        VarHandle.fullFence();
        if (Layout.wantsInterrupt(ring)) {
            event.signal();
        }
    }

    /// The receiver's, before it looks at the ring for the last time; the fence is the partner of the one in
    /// {@link #ring}.
    void listen() {
        Layout.setInterrupts(ring, true);
        VarHandle.fullFence();
    }

    /// The receiver's, which polls from here on.
    void ignore() {
        Layout.setInterrupts(ring, false);
    }

    /// What the sender signals; both sides have it.
    EventFd event() {
        return event;
    }
}
