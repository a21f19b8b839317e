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
    void nothingInNoTimeIsNoRate() {
        assertThat(new Rates(0, 0, 0).mpps()).isZero();
    }
}
