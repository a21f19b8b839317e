package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long SECOND = 1_000_000_000;

    /// Asks every `step` nanoseconds, for a second, and takes up to 32 each time.
    private static long sent(Pacer pacer, long start, long step) {
        long frames = 0;
        for (long now = start; now < start + SECOND; now += step) {
            pacer.begin(now);
            for (int i = 0; i < 32 && pacer.take(now, 84); i++) {
                frames++;
            }
        }
        return frames;
    }

    @Test
    void framesGoOutAtTheirRate() {
        assertThat(sent(new Pacer(1_488_095, 0, 7, SECOND), 7, 1000)).isBetween(1_488_090L, 1_488_100L);
        assertThat(sent(new Pacer(10, 0, 7, SECOND), 7, 1000)).isEqualTo(10);
    }

    @Test
    void bitsGoOutAtTheirRateWithFraming() {
        assertThat(sent(new Pacer(0, 84 * 8 * 1000, 7, SECOND), 7, 1000)).isEqualTo(1000);
    }

    @Test
    void withoutARateEverythingIsDue() {
        assertThat(sent(new Pacer(0, 0, 7, SECOND), 7, 1_000_000)).isEqualTo(32_000);
    }

    @Test
    void whatIsDueForTooLongIsNotMadeUpFor() {
        Pacer pacer = new Pacer(1000, 0, 0, 5_000_000);
        pacer.begin(SECOND);
        int frames = 0;
        while (pacer.take(SECOND, 84)) {
            frames++;
        }
        assertThat(frames).isEqualTo(6); // those of the last five milliseconds
    }
}
