package org.barewire.drivers.memif;

import org.barewire.core.device.Counters;

/// What each line of a queue's counters holds.
final class QueueCounters {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    /// Had no room to be sent.
    static final int DROPPED = 2;
    /// An index of the other side that says there are more slots in use than there are.
    static final int BAD_INDEX = 3;
    /// A buffer that is not within a region.
    static final int BAD_BUFFER = 4;
    /// A chain without end.
    static final int BAD_CHAIN = 5;
    /// No byte at all.
    static final int EMPTY = 6;
    /// More bytes than there may be.
    static final int TOO_LONG = 7;
    /// The other side has taken the memory away.
    static final int FAULTS = 8;

    private QueueCounters() {}

    /// Everything of a line that must not happen.
    static long errors(long counters) {
        long errors = 0;
        for (int index = BAD_INDEX; index <= FAULTS; index++) {
            errors += Counters.get(counters, index);
        }
        return errors;
    }
}
