package org.barewire.cli;

import java.util.Locale;
import org.barewire.sim.TestReport;
import org.jspecify.annotations.Nullable;

/// What came of forwarding: the summary of `fwd` and `demo`.
///
/// @param seconds  in which packets were forwarded
/// @param totals   what both devices counted in this time
/// @param mode     how packets moved
/// @param dropped  packets that found no room
/// @param verified what testers have found; null if there are none
record ForwardingReport(
        double seconds,
        Totals totals,
        String mode,
        long dropped,
        @Nullable Verified verified) {
    /// What testers have found, and the wires' own account of it.
    record Verified(TestReport report, LatencyHistogram latency, long wireDropped, long wireCorrupted) {
        static Verified of(Testers testers) {
            return new Verified(testers.report(), testers.latency(), testers.wireDropped(), testers.wireCorrupted());
        }
    }

    Rates rates() {
        return totals.rates(seconds);
    }

    /// True unless testers found a frame lost, duplicated, reordered, corrupted or not theirs.
    boolean isClean() {
        return verified == null || verified.report.clean();
    }

    Json toJson() {
        TestReport found = verified == null ? null : verified.report;
        return new Json()
                .put("seconds", seconds)
                .put("rx_packets", totals.rxPackets())
                .put("tx_packets", totals.txPackets())
                .put("mpps", rates().mpps())
                .put("mbit", rates().mbit())
                .put("lost", found == null ? null : found.lost())
                .put("duplicated", found == null ? null : found.duplicated())
                .put("reordered", found == null ? null : found.reordered())
                .put("corrupted", found == null ? null : found.corrupted())
                .put("latency_ns", verified == null ? null : verified.latency.toJson())
                .put("mode", mode)
                .put("dropped", dropped)
                .put("wire_dropped", verified == null ? null : verified.wireDropped)
                .put("wire_corrupted", verified == null ? null : verified.wireCorrupted)
                .put("offered_mpps", found == null || seconds == 0 ? null : found.sent() / seconds / 1e6);
    }

    /// A few lines for people.
    @Override
    public String toString() {
        String text = String.format(
                Locale.ROOT,
                "%s in %.1f s%n%d packets received, %d sent, %d dropped",
                rates(),
                seconds,
                totals.rxPackets(),
                totals.txPackets(),
                dropped);
        return verified == null ? text : text + System.lineSeparator() + describe(verified);
    }

    private static String describe(Verified verified) {
        TestReport found = verified.report;
        return String.format(
                Locale.ROOT,
                "tester: %d frames sent, %d lost, %d duplicated, %d reordered, %d corrupted%n"
                        + "wire: %d dropped, %d corrupted%n"
                        + "latency: %s",
                found.sent(),
                found.lost(),
                found.duplicated(),
                found.reordered(),
                found.corrupted(),
                verified.wireDropped,
                verified.wireCorrupted,
                verified.latency);
    }
}
