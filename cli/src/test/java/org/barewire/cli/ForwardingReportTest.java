package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.barewire.sim.TestReport;
import org.barewire.sim.WireStatistics;
import org.junit.jupiter.api.Test;

class ForwardingReportTest {
    private static final LatencyHistogram LATENCY = new LatencyHistogram();

    /// Of a hundred frames the first wire lost 10 and damaged 5, a card missed 3 of the 84 that it received and
    /// found one too long; the second wire lost 1.
    private static ForwardingReport report(long wireSent, long cardReceived, long cardSent, long testerReceived) {
        TestReport tests = new TestReport(1, 100, 6000, testerReceived, 4800, 100 - testerReceived, 0, 0, 0, 0);
        WireStatistics in = new WireStatistics(wireSent, 6000, 10, 0, 0, 5, wireSent - 10);
        WireStatistics out = new WireStatistics(81, 4860, 1, 0, 0, 0, 80);
        Totals totals = new Totals(cardReceived, 3, 6, 1, cardSent, 4860);
        return new ForwardingReport(
                1, totals, "relay", 84, new ForwardingReport.Verified(tests, LATENCY, in, out), List.of());
    }

    @Test
    void countsThatAddUpAreNotComplainedOf() {
        ForwardingReport report = report(100, 84, 81, 80);
        assertThat(report.faults()).isEmpty();
        assertThat(report.dropped()).isEqualTo(3);
        assertThat(report.toString()).contains("1 too long, 5 damaged; a larger MTU", "latency: none");
        assertThat(report.toJson().toString()).contains("\"latency_ns\":null");
    }

    @Test
    void aFrameThatNobodySawVanishIsFound() {
        assertThat(report(99, 84, 81, 80).faults()).isNotEmpty();
        assertThat(report(100, 83, 81, 80).faults()).isNotEmpty();
        assertThat(report(100, 84, 80, 80).faults()).hasSize(1);
        assertThat(report(100, 84, 81, 79).faults())
                .containsExactly("the counts do not add up: the wires delivered 80 packets intact, but the testers"
                        + " received 79");
    }
}
