package org.barewire.drivers.memif;

import java.lang.invoke.VarHandle;
import org.barewire.core.linux.EventFd;

/// Wakes the other side of a ring, if it wants to be woken.
final class Doorbell {
    private Doorbell() {}

    /// Called when a ring's index has been moved. The fence keeps the flag from being read before that: the
    /// other side clears it and then looks at the index a last time.
    static void ring(long ring, EventFd event) {
        VarHandle.fullFence();
        if (Layout.wantsInterrupt(ring)) {
            event.signal();
        }
    }
}
