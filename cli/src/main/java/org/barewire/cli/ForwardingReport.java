package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.barewire.sim.TestReport;
import org.barewire.sim.WireStatistics;
import org.jspecify.annotations.Nullable;

/// What came of forwarding: the summary of `fwd` and `demo`.
///
/// @param seconds  in which packets were forwarded
/// @param totals   what both devices counted in this time
/// @param mode     how packets moved
/// @param received packets that arrived intact, those included that then found no room
/// @param verified what testers have found; null if there are none
/// @param early    sentences about capture files that ended before their end
record ForwardingReport(
        double seconds,
        Totals totals,
        String mode,
        long received,
        @Nullable Verified verified,
        List<String> early) {
    /// What testers have found, and the wires' own account of it.
    record Verified(TestReport report, LatencyHistogram latency, WireStatistics toCards, WireStatistics fromCards) {
        static Verified of(Testers testers) {
            return new Verified(testers.report(), testers.latency(), testers.toCards(), testers.fromCards());
        }

        long wireDropped() {
            return toCards.lost() + fromCards.lost();
        }

        long wireCorrupted() {
            return toCards.corrupted() + fromCards.corrupted();
        }
    }

    /// Packets that were received and not sent: the receiver was too slow, or there was no room to send.
    long dropped() {
        return received - totals.txPackets();
    }

    /// Sentences about files that ended early, and about counts that contradict each other. Testers, wires and
    /// cards count for themselves, so there is one if a frame got lost where nobody saw it, or came from
    /// nowhere.
    List<String> faults() {
        List<String> found = new ArrayList<>(early);
        if (verified != null) {
            TestReport tests = verified.report;
            WireStatistics in = verified.toCards;
            WireStatistics out = verified.fromCards;
            compare(found, "the testers sent", tests.sent(), "their wires took", in.sent());
            long intact = in.delivered() - in.corrupted();
            compare(found, "the wires brought", intact, "the cards received", totals.rxPackets() + totals.tooLong());
            compare(found, "the cards received", totals.rxPackets(), "the forwarder and they saw", received);
            compare(found, "the cards sent", totals.txPackets(), "their wires took", out.sent());
            long arrived = tests.received() + tests.duplicated();
            compare(found, "the wires delivered", out.delivered() - out.corrupted(), "the testers received", arrived);
        }
        return found;
    }

    private static void compare(List<String> found, String who, long count, String others, long theirs) {
        if (count != theirs) {
            found.add(
                    "the counts do not add up: %s %d packets intact, but %s %d".formatted(who, count, others, theirs));
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
                .put("rx_packets", received)
                .put("tx_packets", totals.txPackets())
                .put("mpps", rates().mpps())
                .put("mbit", rates().mbit())
                .put("lost", found == null ? null : found.lost())
                .put("duplicated", found == null ? null : found.duplicated())
                .put("reordered", found == null ? null : found.reordered())
                .put("corrupted", found == null ? null : found.corrupted())
                .put("latency_ns", verified == null ? null : verified.latency.toJson())
                .put("mode", mode)
                .put("dropped", dropped())
                .put("missed", totals.rxMissed())
                .put("too_long", totals.tooLong())
                .put("rx_errors", totals.rxErrors())
                .put("wire_dropped", verified == null ? null : verified.wireDropped())
                .put("wire_corrupted", verified == null ? null : verified.wireCorrupted())
                .put("offered_mpps", found == null || seconds == 0 ? null : found.sent() / seconds / 1e6);
    }

    /// A few lines for people.
    @Override
    public String toString() {
        String text = String.format(
                Locale.ROOT,
                "%s in %.1f s%n%s received, %d sent, %d dropped, of these %d missed by the cards",
                rates(),
                seconds,
                RunOptions.packets(received),
                totals.txPackets(),
                dropped(),
                totals.rxMissed());
        if (totals.rxErrors() > 0) {
            text += System.lineSeparator() + totals.refusals();
        }
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
                verified.wireDropped(),
                verified.wireCorrupted(),
                verified.latency);
    }
}
