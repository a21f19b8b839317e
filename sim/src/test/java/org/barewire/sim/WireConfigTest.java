package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WireConfigTest {
    private static WireConfig of(String options) {
        return WireConfig.standard()
                .withOptions(DeviceName.parse("sim:a?" + options).options());
    }

    @ParameterizedTest
    @CsvSource({
        "10g, 10000000000",
        "2.5g, 2500000000",
        "1G, 1000000000",
        "100m, 100000000",
        "64k, 64000",
        "1234567, 1234567",
        "unlimited, 0"
    })
    void ratesHaveUnits(String text, long bitsPerSecond) {
        assertThat(of("rate=" + text).bitsPerSecond()).isEqualTo(bitsPerSecond);
    }

    @ParameterizedTest
    @CsvSource({"800ns, 800", "50us, 50000", "2ms, 2000000", "1.5s, 1500000000", "70, 70", "0, 0"})
    void delaysHaveUnits(String text, long nanos) {
        assertThat(of("delay=" + text).delayNanos()).isEqualTo(nanos);
    }

    @Test
    void optionsChangeWhatTheyNameAndNothingElse() {
        assertThat(of("loss=0.01&duplication=0.02&reordering=0.03&corruption=0.04&seed=-7&queues=2"))
                .isEqualTo(new WireConfig(10_000_000_000L, 0, 0.01, 0.02, 0.03, 0.04, -7));
        assertThat(WireConfig.standard().withOptions(Map.of())).isEqualTo(WireConfig.standard());
    }

    @Test
    void everyOptionIsDescribed() {
        assertThat(WireConfig.OPTIONS)
                .containsOnlyKeys("rate", "delay", "loss", "duplication", "reordering", "corruption", "seed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rate=0",
                "rate=-1",
                "rate=fast",
                "rate=10x",
                "rate=",
                "rate=99999999999g",
                "delay=-1",
                "delay=1h",
                "delay=11s",
                "loss=1.1",
                "loss=-0.1",
                "loss=NaN",
                "loss=few",
                "loss=0.6&corruption=0.6",
                "seed=x"
            })
    void nonsenseIsExplained(String options) {
        assertThatThrownBy(() -> of(options))
                .isInstanceOf(DeviceException.class)
                .hasMessageMatching(".*(is possible|is needed|must not exceed).*");
    }
}
