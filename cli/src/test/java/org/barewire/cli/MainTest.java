package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "fwd",
                "fwd sim:a",
                "fwd sim:a sim:b --batch 257",
                "fwd sim:a sim:b --queues 0",
                "fwd sim:a sim:b --time soon",
                "fwd sim:a sim:b --count -1",
                "demo --size 63",
                "demo --window 1024",
                "demo --what",
                "nothing",
            })
    void wrongUsageIsOneSentenceAndStatusTwo(String line) {
        Run run = Run.of(line.split(" ", -1));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aDeviceThatCannotBeOpenedIsOneSentenceAndStatusOne() {
        Run run = Run.of("fwd", "nosuch:a", "sim:b");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("no driver here opens 'nosuch:a'");
    }
}
