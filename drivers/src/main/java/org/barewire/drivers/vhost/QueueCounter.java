package org.barewire.drivers.vhost;

import java.util.List;

/// What a queue counts: numbers of the fields in its line of {@link org.barewire.core.device.Counters}.
final class QueueCounter {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    /// Packets lost for want of a buffer.
    static final int DROPPED = 2;
    /// Frames shorter than an Ethernet header.
    static final int TOO_SHORT = 3;
    /// Frames longer than the MTU allows or than the driver's buffers are.
    static final int TOO_LONG = 4;
    /// Frames whose offload requests make no sense or can't be met.
    static final int BAD_OFFLOAD = 5;
    /// Chains that are not in order: an index out of range, a loop, an address that is not the guest's.
    static final int MALFORMED = 6;
    /// Available indexes that are further on than the ring is long.
    static final int BAD_INDEX = 7;
    /// Calls to the driver.
    static final int CALLS = 8;
    /// Accesses to memory that the front end has taken away.
    static final int FAULTS = 9;

    /// In the device's statistics, with `rx_` or `tx_` in front.
    static final List<String> NAMES = List.of(
            "packets",
            "bytes",
            "dropped",
            "too_short",
            "too_long",
            "bad_offload",
            "malformed",
            "bad_index",
            "calls",
            "faults");

    private QueueCounter() {}
}
