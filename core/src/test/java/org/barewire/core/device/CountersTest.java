package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountersTest {
    @Test
    void countersAreIndependentAndStartAtZero() {
        long line = Counters.allocate();
        long next = Counters.allocate();
        for (int i = 0; i < 16; i++) {
            assertThat(Counters.get(line, i)).isZero();
            Counters.add(line, i, 1L << i);
            Counters.add(line, i, 1L << 40);
        }
        for (int i = 0; i < 16; i++) {
            assertThat(Counters.get(line, i)).isEqualTo((1L << i) + (1L << 40));
            assertThat(Counters.get(next, i)).isZero();
        }
        Counters.free(line);
        Counters.free(next);
    }

    @Test
    void linesShareNoCacheLine() {
        long line = Counters.allocate();
        long next = Counters.allocate();
        assertThat(line % Counters.LINE).isZero();
        assertThat(Math.abs(next - line)).isGreaterThanOrEqualTo(Counters.LINE);
        Counters.free(line);
        Counters.free(next);
    }

    @Test
    void aLineThatIsUsedAgainStartsAtZero() {
        long line = Counters.allocate();
        Counters.add(line, 3, 42);
        Counters.free(line);
        long again = Counters.allocate();
        assertThat(again).isEqualTo(line);
        assertThat(Counters.get(again, 3)).isZero();
        Counters.free(again);
    }

    @Test
    void thereIsAnEndOfLines() {
        List<Long> lines = new ArrayList<>();
        assertThatThrownBy(() -> {
                    while (lines.size() < 5000) {
                        lines.add(Counters.allocate());
                    }
                })
                .hasMessage("all 4096 lines of counters are in use");
        assertThat(lines).doesNotHaveDuplicates();
        lines.forEach(Counters::free);
    }
}
