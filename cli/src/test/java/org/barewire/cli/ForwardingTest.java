package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// `demo` and `fwd`, from the command line to the summary.
class ForwardingTest {
    @Test
    void theDemoLosesNothing() {
        Run run = Run.of("demo", "--count", "20000", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("rx_packets")).isEqualTo(20_000);
        assertThat(run.number("tx_packets")).isEqualTo(20_000);
        assertThat(run.number("lost")).isZero();
        assertThat(run.out()).contains("\"mode\":\"relay\"");
    }

    @Test
    void whatTheWireDropsIsWhatTheTesterMisses() {
        Run run = Run.of("demo", "--count", "20000", "--loss", "0.01", "--seed", "7", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("lost")).isPositive().isEqualTo(run.number("wire_dropped"));
    }

    @Test
    void bothDirectionsAreForwardedAndChecked() {
        Run run = Run.of("fwd", "sim:a?send=50kpps", "sim:b?send=50kpps", "--count", "20000", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("rx_packets")).isEqualTo(20_000);
        assertThat(run.number("tx_packets") + run.number("dropped")).isEqualTo(20_000);
        assertThat(run.number("lost")).isEqualTo(run.number("dropped"));
    }

    @Test
    void plainQueuesForwardFlowsOnTwoThreads() {
        Run run = Run.of(
                "fwd",
                "sim:a?send=50kpps&flows=64",
                "sim:b",
                "--count",
                "20000",
                "--queues",
                "2",
                "--no-relay",
                "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("\"mode\":\"queues\"");
        assertThat(run.number("lost")).isEqualTo(run.number("dropped"));
    }

    @Test
    void threadsThatSleepForwardAllTheSame() {
        Run run = Run.of(
                "fwd", "sim:a?send=1kpps", "sim:b?send=1kpps", "--count", "1000", "--rx-mode", "adaptive", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("\"mode\":\"queues\"");
        assertThat(run.number("rx_packets")).isEqualTo(1_000);
        assertThat(run.number("lost")).isZero();
    }

    @Test
    void withoutTestersNothingIsSaidOfLoss() {
        Run run = Run.of("fwd", "sim:a?wire=w", "sim:b?wire=w", "--time", "0.1", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("\"lost\":null").contains("\"latency_ns\":null");
    }

    @Test
    void whatTestersSentBeforehandIsNotCounted() {
        for (String mode : new String[] {"--batch=32", "--no-relay"}) {
            Run run = Run.of("fwd", "sim:a?send=1mpps", "sim:b", "--count", "10", "--json", mode);
            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.number("rx_packets")).isEqualTo(10);
            assertThat(run.number("tx_packets") + run.number("dropped")).isEqualTo(10);
        }
    }

    @Test
    void framesBeyondTheMtuAreCountedWhereTheyWereRefused() {
        Run run = Run.of("fwd", "sim:a?send=10kpps&size=9000", "sim:b", "--count", "100", "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.number("too_long")).isEqualTo(100).isEqualTo(run.number("lost"));
    }

    @Test
    void theSameSeedLosesTheSameFrames() {
        String[] line = {"demo", "--count", "20000", "--loss", "0.1", "--seed", "3", "--json"};
        assertThat(Run.of(line).number("lost"))
                .isPositive()
                .isEqualTo(Run.of(line).number("lost"));
    }
}
