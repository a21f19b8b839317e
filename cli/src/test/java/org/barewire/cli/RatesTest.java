package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RatesTest {
    @Test
    void smallestFramesAtLineRateFillTheLine() {
        assertThat(new Rates(1, 14_880_952, 14_880_952L * 60))
                .hasToString("14.88 Mpps, 7619 Mbit/s (10000 Mbit/s with framing)");
    }

    @Test
    void slowRatesAreNotZero() {
        assertThat(new Rates(1, 100, 6000)).hasToString("100 pps, 51.2 kbit/s (67.2 kbit/s with framing)");
    }

    @Test
    void whatMovedSinceAnEarlierLookIsTheDifference() {
        Rates shown = new Rates(2, 200, 12_000);
        assertThat(new Rates(3, 300, 18_000).since(shown)).isEqualTo(new Rates(1, 100, 6000));
    }

    @Test
    void nothingInNoTimeIsNoRate() {
        assertThat(new Rates(0, 0, 0).mpps()).isZero();
    }
}
