package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.barewire.core.packet.MacAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptionReaderTest {
    private enum Mode {
        AUTO,
        ZERO_COPY
    }

    private static final MacAddress ADDRESS = new MacAddress(0x0200_0000_0001L);

    @Test
    void valuesAreReadAndMissingOnesHaveAnother() {
        OptionReader given = new OptionReader(
                Map.of("id", "7", "size", "256", "inorder", "no", "mode", "zero-copy", "mac", "02:00:00:00:00:02"));

        assertThat(given.number("id", 0, 0, 7)).isEqualTo(7);
        assertThat(given.powerOfTwo("size", 64, 64, 1024)).isEqualTo(256);
        assertThat(given.flag("inorder", true)).isFalse();
        assertThat(given.oneOf("mode", Mode.AUTO)).isEqualTo(Mode.ZERO_COPY);
        assertThat(given.someOf("mode", Mode.class, List.of())).containsExactly(Mode.ZERO_COPY);
        assertThat(given.macAddress("mac", ADDRESS)).isEqualTo(new MacAddress(0x0200_0000_0002L));
        assertThat(given.has("other")).isFalse();
        assertThat(given.number("other", 3, 0, 7)).isEqualTo(3);
        assertThat(given.flag("other", true)).isTrue();
        assertThat(given.oneOf("other", Mode.AUTO)).isEqualTo(Mode.AUTO);
        assertThat(given.macAddress("other", ADDRESS)).isEqualTo(ADDRESS);
        assertThat(given.text("other", "x")).isEqualTo("x");
    }

    @Test
    void whatIsOutOfRangeIsRefusedWithWhatIsPossible() {
        assertThatThrownBy(() -> new OptionReader(Map.of("id", "8")).number("id", 0, 0, 7))
                .isInstanceOf(DeviceException.class)
                .hasMessage("id=8: from 0 to 7 is possible");
        assertThatThrownBy(() -> new OptionReader(Map.of("size", "96")).powerOfTwo("size", 64, 64, 1024))
                .hasMessage("size=96: a power of two from 64 to 1024 is possible");
        assertThatThrownBy(() -> new OptionReader(Map.of("mode", "copy")).oneOf("mode", Mode.AUTO))
                .hasMessage("mode=copy: possible are auto, zero-copy");
        assertThatThrownBy(() -> new OptionReader(Map.of("mode", "auto,x")).someOf("mode", Mode.class, List.of()))
                .hasMessage("mode=auto,x: possible are auto, zero-copy");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1.5", "99999999999"})
    void whatIsNoWholeNumberIsRefused(String value) {
        assertThatThrownBy(() -> new OptionReader(Map.of("id", value)).number("id", 0, 0, 7))
                .hasMessage("id=" + value + ": a whole number is needed");
    }

    @Test
    void whatIsNeitherYesNorNoIsRefused() {
        assertThatThrownBy(() -> new OptionReader(Map.of("inorder", "maybe")).flag("inorder", true))
                .hasMessage("inorder=maybe: yes or no is needed");
    }

    @Test
    void aBadAddressIsRefused() {
        assertThatThrownBy(() -> new OptionReader(Map.of("mac", "02:00")).macAddress("mac", ADDRESS))
                .isInstanceOf(DeviceException.class)
                .hasMessageStartingWith("mac=02:00: ");
    }
}
