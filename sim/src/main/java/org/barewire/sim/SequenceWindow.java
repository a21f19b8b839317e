package org.barewire.sim;

import java.util.Arrays;

/// Which sequence numbers have been seen, of the last {@link #SIZE} up to the highest one.
final class SequenceWindow {
    static final int SIZE = 1 << 20;

    /// What {@link #add} says of a number.
    enum Arrival {
        /// Higher than all before.
        NEXT,
        /// Lower than one before, and not seen yet.
        LATE,
        /// Seen before, or so old that it must be taken for that.
        AGAIN
    }

    private final long[] seen = new long[SIZE / 64];
    private long highest = -1;

    /// The highest number seen; -1 before the first.
    long highest() {
        return highest;
    }

    Arrival add(long sequence) {
        if (sequence > highest) {
            forget(highest + 1, sequence);
            highest = sequence;
            seen[word(sequence)] |= 1L << sequence;
            return Arrival.NEXT;
        }
        if (highest - sequence >= SIZE || (seen[word(sequence)] & 1L << sequence) != 0) {
            return Arrival.AGAIN;
        }
        seen[word(sequence)] |= 1L << sequence;
        return Arrival.LATE;
    }

    /// Clears what numbers from `first` to `last` have inherited from those `SIZE` before them.
    private void forget(long first, long last) {
        if (last - first >= SIZE) {
            Arrays.fill(seen, 0);
            return;
        }
        for (long sequence = first; sequence <= last; sequence++) {
            seen[word(sequence)] &= ~(1L << sequence);
        }
    }

    private static int word(long sequence) {
        return (int) sequence >>> 6 & SIZE / 64 - 1;
    }
}
