package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bench ring --batch 32 --json --count 1000 --rounds 3",
                "bench ring --batch 32 --driver igb --json --count 1000 --rounds 3",
                "bench ring --batch 32 --driver e1000e --json --count 1000 --rounds 3",
                "bench relay --batch 8 --json --count 1000 --rounds 3",
                "bench --json --rounds 3 --count 1000 ring --batch 32",
            })
    void optionsMayStandAnywhere(String line) {
        Run run = Run.of(line.split(" ", -1));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out())
                .matches(
                        "\\{\"batch\":(32|8),\"ns_per_packet\":\\{\"min\":[0-9.]+,\"median\":[0-9.]+,\"max\":[0-9.]+}}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bench ring --count 0",
                "bench ring --count -5",
                "bench relay --rounds 0",
                "bench relay --rounds -1",
                "bench relay --batch 129",
                "bench",
            })
    void whatCannotBeMeasuredIsWrongUsage(String line) {
        Run run = Run.of(line.split(" ", -1));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void helpSaysHowItWarmsUp() {
        assertThat(Run.of("bench", "--help").out()).contains("3 s", "10 s", "--batch");
    }
}
