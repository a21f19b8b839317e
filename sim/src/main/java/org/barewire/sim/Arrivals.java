package org.barewire.sim;

import org.jspecify.annotations.Nullable;

/// What a sink has seen of one stream.
final class Arrivals {
    private static final int RECEIVED = 0;
    private static final int BYTES = 1;
    private static final int DUPLICATED = 2;
    private static final int REORDERED = 3;

    private final ProbeSource source;
    private final SequenceWindow window = new SequenceWindow();
    private final Tally tally = new Tally(4);
    private long firstMeasured;

    Arrivals(ProbeSource source) {
        this.source = source;
    }

    ProbeSource source() {
        return source;
    }

    /// The highest sequence number that came; -1 before the first.
    long highest() {
        return window.highest();
    }

    /// Takes an intact frame.
    void add(long sequence, int length, long latencyNanos, @Nullable LatencyRecorder recorder) {
        SequenceWindow.Arrival arrival = window.add(sequence);
        if (sequence < firstMeasured) {
            return;
        }
        if (arrival == SequenceWindow.Arrival.AGAIN) {
            tally.add(DUPLICATED, 1);
            return;
        }
        if (arrival == SequenceWindow.Arrival.LATE) {
            tally.add(REORDERED, 1);
        }
        tally.add(RECEIVED, 1);
        tally.add(BYTES, length);
        if (recorder != null) {
            recorder.record(latencyNanos);
        }
    }

    /// Starts counting anew with the next frame that is sent.
    void mark() {
        source.mark();
        firstMeasured = source.next();
        for (int i = RECEIVED; i <= REORDERED; i++) {
            tally.set(i, 0);
        }
    }

    long received() {
        return tally.get(RECEIVED);
    }

    long receivedBytes() {
        return tally.get(BYTES);
    }

    long duplicated() {
        return tally.get(DUPLICATED);
    }

    long reordered() {
        return tally.get(REORDERED);
    }
}
