package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @Test
    void theFirstByteOnTheWireIsTheHighestOne() {
        assertThat(MacAddress.parse("02:13:24:35:46:5f").bits()).isEqualTo(0x02_13_24_35_46_5FL);
        assertThat(MacAddress.parse("FF-FF-ff-ff-FF-FF")).isEqualTo(MacAddress.BROADCAST);
    }

    @Test
    void itReadsAsItIsWritten() {
        for (String text : new String[] {"00:00:00:00:00:00", "02:13:24:35:46:5f", "ff:ff:ff:ff:ff:ff"}) {
            assertThat(MacAddress.parse(text)).hasToString(text);
        }
    }

    @Test
    void groupAddressesAreMulticast() {
        assertThat(MacAddress.BROADCAST.isMulticast()).isTrue();
        assertThat(MacAddress.parse("01:00:5e:00:00:01").isMulticast()).isTrue();
        assertThat(MacAddress.parse("02:00:5e:00:00:01").isMulticast()).isFalse();
        assertThat(MacAddress.parse("00:00:00:00:00:00").isZero()).isTrue();
        assertThat(MacAddress.BROADCAST.isZero()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "02:00:00:00:00", "02:00:00:00:00:00:00", "2:0:0:0:0:0", "02:00:00:00:00:0g", "020000000000"
            })
    void whatIsNoAddressIsExplained(String text) {
        assertThatThrownBy(() -> MacAddress.parse(text))
                .hasMessage("'%s' is not an Ethernet address like 02:00:00:00:00:01", text);
    }

    @Test
    void itHasFortyEightBits() {
        assertThatThrownBy(() -> new MacAddress(1L << 48)).hasMessage("0x1000000000000 does not fit in 48 bits");
        assertThatThrownBy(() -> new MacAddress(-1)).hasMessage("0xffffffffffffffff does not fit in 48 bits");
    }
}
