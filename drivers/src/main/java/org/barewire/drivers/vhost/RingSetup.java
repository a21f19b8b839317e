package org.barewire.drivers.vhost;

import org.barewire.core.linux.EventFd;
import org.jspecify.annotations.Nullable;

/// What a ring is made from: what a front end has told of it.
///
/// @param toDriver   true if the device writes into its buffers
/// @param descriptor address in this process of the descriptor table or packed ring
/// @param driver     of the available ring, or the driver's event suppression
/// @param device     of the used ring, or the device's event suppression
/// @param base       where to begin, in the form of VRING_BASE
/// @param features   what has been negotiated
/// @param counters   the queue's line
/// @param inflight   where chains in use are noted, if the front end keeps such a note
/// @param kick       what the driver signals to notify; null if it doesn't. It stays the front end's
record RingSetup(
        int size,
        boolean toDriver,
        GuestMemory memory,
        long descriptor,
        long driver,
        long device,
        int base,
        long features,
        long counters,
        @Nullable Inflight inflight,
        @Nullable EventFd kick) {
    Vring open() {
        return has(VirtioNet.F_RING_PACKED) ? new PackedRing(this) : new SplitRing(this);
    }

    boolean has(long feature) {
        return (features & feature) != 0;
    }

    int headerLength() {
        return VirtioNet.headerLength(features);
    }
}
