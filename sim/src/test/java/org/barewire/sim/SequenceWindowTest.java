package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barewire.sim.SequenceWindow.Arrival.AGAIN;
import static org.barewire.sim.SequenceWindow.Arrival.LATE;
import static org.barewire.sim.SequenceWindow.Arrival.NEXT;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceWindowTest {
    private final SequenceWindow window = new SequenceWindow();

    @Test
    void numbersAreNextLateOrThereAgain() {
        assertThat(window.highest()).isEqualTo(-1);
        assertThat(window.add(0)).isEqualTo(NEXT);
        assertThat(window.add(3)).isEqualTo(NEXT);
        assertThat(window.add(1)).isEqualTo(LATE);
        assertThat(window.add(1)).isEqualTo(AGAIN);
        assertThat(window.add(3)).isEqualTo(AGAIN);
        assertThat(window.add(2)).isEqualTo(LATE);
        assertThat(window.add(4)).isEqualTo(NEXT);
        assertThat(window.highest()).isEqualTo(4);
    }

    @Test
    void whatIsOlderThanTheWindowIsTakenForADuplicate() {
        window.add(SequenceWindow.SIZE);
        assertThat(window.add(1)).isEqualTo(LATE);
        assertThat(window.add(0)).isEqualTo(AGAIN);
    }

    @Test
    void aJumpOverTheWholeWindowForgetsEverything() {
        for (long sequence = 0; sequence < 100; sequence++) {
            window.add(sequence);
        }
        assertThat(window.add(99 + 3L * SequenceWindow.SIZE)).isEqualTo(NEXT);
        assertThat(window.add(98 + 3L * SequenceWindow.SIZE)).isEqualTo(LATE);
        assertThat(window.add(Probe.MAX_SEQUENCE)).isEqualTo(NEXT);
    }

    @Test
    void itAgreesWithASetOnRandomNumbers() {
        Random random = new Random(3);
        Set<Long> seen = new HashSet<>();
        long highest = -1;
        for (int i = 0; i < 3_000_000; i++) {
            long sequence = Math.max(0, highest + 1 + random.nextInt(6) - random.nextInt(6));
            SequenceWindow.Arrival expected = !seen.add(sequence) ? AGAIN : sequence > highest ? NEXT : LATE;
            highest = Math.max(highest, sequence);
            assertThat(window.add(sequence) == expected).isTrue();
        }
        assertThat(highest).isGreaterThan(2L * SequenceWindow.SIZE);
    }
}
