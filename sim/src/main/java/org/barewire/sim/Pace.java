package org.barewire.sim;

/// Holds a rate exactly, also when asked only now and then: what is due in between is made up for, as far as
/// the caller lets it.
final class Pace {
    private static final long SECOND = 1_000_000_000;

    private final long unitsPerSecond; // 0: no limit
    private long next = Long.MIN_VALUE; // when the next one may start
    private long fraction; // of a nanosecond beyond that, in units of 1 / unitsPerSecond

    Pace(long unitsPerSecond) {
        this.unitsPerSecond = unitsPerSecond;
    }

    /// May the next one start at this time?
    boolean free(long nowNanos) {
        return nowNanos >= next;
    }

    /// Starts one of `units` (up to 2^33).
    ///
    /// @param earliestNanos how far back it may have started, had anybody been there to start it
    /// @return when it is over
    long take(long nowNanos, long earliestNanos, long units) {
        if (unitsPerSecond == 0) {
            return nowNanos;
        }
        long start = next;
        long carry = fraction;
        if (start < earliestNanos) {
            start = earliestNanos;
            carry = 0;
        }
        long total = units * SECOND + carry;
        next = start + total / unitsPerSecond;
        fraction = total % unitsPerSecond;
        return next;
    }
}
