package org.barewire.sim;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The receiving half of a {@link Tester}: checks every frame that arrives against what the sources it
/// {@linkplain #expect expects} have sent.
///
/// Of the last 2^20 sequence numbers of a stream it knows which have come, so it can tell a duplicate from a
/// late one; older ones are taken for duplicates.
///
/// For the simulation's thread, except where it says otherwise. Allocates nothing while it checks.
public final class ProbeSink {
    private static final int CORRUPTED = 0;
    private static final int FOREIGN = 1;
    private static final int LAST_ARRIVAL = 2;

    private final Tally tally = new Tally(3);
    private volatile Arrivals[] streams = {};
    private @Nullable LatencyRecorder recorder;

    /// Makes the frames of a source known, from the next one it sends.
    ///
    /// @throws IllegalArgumentException if another source of that stream is expected already
    /// @throws IllegalStateException    if another sink expects the source already
    public void expect(ProbeSource source) {
        if (find(source.stream()) != null) {
            throw new IllegalArgumentException(
                    "stream %d is expected already: give each source its own".formatted(source.stream()));
        }
        Arrivals arrivals = new Arrivals(source);
        source.expectedBy(arrivals);
        arrivals.mark();
        Arrivals[] more = Arrays.copyOf(streams, streams.length + 1);
        more[more.length - 1] = arrivals;
        streams = more;
    }

    /// Has the latency of each frame that is counted as received recorded from now on; null for no more.
    public void recordLatency(@Nullable LatencyRecorder recorder) {
        this.recorder = recorder;
    }

    /// Checks a frame. Nothing in it can do harm.
    ///
    /// @param nowNanos when it arrived, by the clock of the sources
    /// @param damaged  true if its check sequence does not fit
    public void accept(long nowNanos, long address, int length, boolean damaged) {
        tally.set(LAST_ARRIVAL, nowNanos);
        if (damaged) {
            tally.add(CORRUPTED, 1);
            return;
        }
        int payload = Probe.find(address, length);
        if (payload < 0) {
            tally.add(FOREIGN, 1);
            return;
        }
        if (!Probe.intact(address, payload)) {
            tally.add(CORRUPTED, 1);
            return;
        }
        long numbers = address + payload;
        long sequence = Probe.sequenceAt(numbers);
        Arrivals arrivals = find(Probe.streamAt(numbers));
        if (arrivals == null || sequence >= arrivals.source().next()) {
            tally.add(FOREIGN, 1);
            return;
        }
        arrivals.add(sequence, length, nowNanos - Probe.timestampAt(numbers), recorder);
    }

    private @Nullable Arrivals find(int stream) {
        for (Arrivals arrivals : streams) {
            if (arrivals.source().stream() == stream) {
                return arrivals;
            }
        }
        return null;
    }

    /// Starts the measured interval: of every expected source the frames sent so far are no longer counted,
    /// at neither end and whenever they arrive, and those sent from now on are. Corrupted and foreign frames
    /// have no number to go by; they are counted if they arrive from now on.
    public void mark() {
        for (Arrivals arrivals : streams) {
            arrivals.mark();
        }
        tally.set(CORRUPTED, 0);
        tally.set(FOREIGN, 0);
    }

    /// Will nothing more come: have all sources stopped, and either all their frames arrived or none at all
    /// for `quietNanos`? From any thread.
    public boolean settled(long nowNanos, long quietNanos) {
        boolean complete = true;
        long lastSent = Long.MIN_VALUE;
        for (Arrivals arrivals : streams) {
            if (arrivals.source().isSending()) {
                return false;
            }
            complete &= arrivals.received() == arrivals.source().sent();
            lastSent = Math.max(lastSent, arrivals.source().lastStepNanos());
        }
        return complete || nowNanos - Math.max(lastSent, tally.get(LAST_ARRIVAL)) >= quietNanos;
    }

    /// What has been counted since the last mark, of all expected sources together. From any thread; exact
    /// once {@link #settled}, until then frames under way count as lost.
    public TestReport report() {
        long corrupted = tally.get(CORRUPTED);
        long foreign = tally.get(FOREIGN);
        TestReport report = new TestReport(0, 0, 0, 0, 0, 0, 0, 0, corrupted, foreign);
        for (Arrivals arrivals : streams) {
            report = report.plus(report(arrivals));
        }
        return report;
    }

    private static TestReport report(Arrivals arrivals) {
        ProbeSource source = arrivals.source();
        long received = arrivals.received(); // before what was sent, lest more be received than sent
        long receivedBytes = arrivals.receivedBytes();
        long sent = source.sent();
        return new TestReport(
                source.sendingNanos() / 1e9,
                sent,
                source.sentBytes(),
                received,
                receivedBytes,
                sent - received,
                arrivals.duplicated(),
                arrivals.reordered(),
                0,
                0);
    }
}
