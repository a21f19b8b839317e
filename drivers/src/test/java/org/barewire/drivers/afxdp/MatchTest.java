package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.OptionReader;
import org.barewire.drivers.afxdp.Match.Term;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatchTest {
    private static Match match(String key, String value) {
        return Match.of(new OptionReader(Map.of(key, value)));
    }

    @Test
    void termsAreRead() {
        assertThat(match("match", "udp/53,tcp/8000-8080,icmp6,47,arp").terms())
                .containsExactly(
                        new Term(17, 53, 53),
                        new Term(6, 8000, 8080),
                        new Term(58, 1, 0),
                        new Term(47, 1, 0),
                        new Term(Term.ARP, 1, 0));
    }

    @Test
    void nothingMeansEverything() {
        assertThat(Match.of(new OptionReader(Map.of())).isEverything()).isTrue();
        assertThat(match("match", "all").isEverything()).isTrue();
        assertThat(match("from", "10.0.0.0/8").isEverything()).isFalse();
    }

    @Test
    void aPrefixHasNoBitsBeyondItsLength() {
        assertThat(match("from", "10.1.2.3/8").from().getFirst().words()).containsExactly(0x0A000000);
        assertThat(match("to", "2001:db8:ffff:ffff::1/33").to().getFirst().words())
                .containsExactly(0x20010DB8, 0x80000000, 0, 0);
        assertThat(match("to", "1.2.3.4").to().getFirst().masks()).containsExactly(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "udp/", "udp/65536", "udp/5-4", "icmp/3", "udp/53,", "256", "ud", "udp/-1", "/53"})
    void aTermThatIsNoneIsRefused(String term) {
        assertThatThrownBy(() -> match("match", term))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("udp/53");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0", "::/129", "10.0.0.0/x", "host", "10.0.0.0/8,"})
    void aPrefixThatIsNoneIsRefused(String prefix) {
        assertThatThrownBy(() -> match("from", prefix))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("192.0.2.0/24");
    }

    @Test
    void addressesOfTwoFamiliesAreInNoPacket() {
        assertThatThrownBy(() -> Match.of(new OptionReader(Map.of("from", "10.0.0.1", "to", "::1"))))
                .isInstanceOf(DeviceException.class);
    }

    @Test
    void zeroCopyNeedsTheDriver() {
        assertThatThrownBy(() -> AfxdpOptions.of(DeviceName.parse("afxdp:e?mode=zerocopy&attach=generic")))
                .isInstanceOf(DeviceException.class);
        assertThatThrownBy(() -> AfxdpOptions.of(DeviceName.parse("afxdp:"))).isInstanceOf(DeviceException.class);
    }
}
