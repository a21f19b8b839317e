package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @Test
    void ipv4AddressesAreReadAndWritten() {
        assertThat(IpAddress.parseIpv4("192.0.2.1")).isEqualTo(0xC000_0201);
        assertThat(IpAddress.formatIpv4(0xC000_0201)).isEqualTo("192.0.2.1");
        assertThat(IpAddress.parseIpv4("255.255.255.255")).isEqualTo(-1);
        assertThat(IpAddress.formatIpv4(0)).isEqualTo("0.0.0.0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "192.0.2", "192.0.2.1.1", "192.0.2.256", "192.0.2.01", "192.0.2.-1", "a.b.c.d", "1 .2.3.4"})
    void whatIsNotAnIpv4AddressIsRefused(String text) {
        assertThatThrownBy(() -> IpAddress.parseIpv4(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not an IPv4 address");
    }

    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:DB8::0001, 2001:db8::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "fe80:0:0:0:0:0:0:0, fe80::",
        "0:0:0:0:0:1:2:3, ::1:2:3",
        "::ffff:192.0.2.1, ::ffff:c000:201",
    })
    void ipv6AddressesAreWrittenInTheirCanonicalForm(String text, String canonical) { // RFC 5952, 4
        assertThat(IpAddress.parseIpv6(text)).hasToString(canonical);
        assertThat(IpAddress.parseIpv6(canonical)).isEqualTo(IpAddress.parseIpv6(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                ":",
                ":::",
                "1:2:3:4:5:6:7",
                "1::2::3",
                "12345::",
                "fe80::1%eth0",
                "[::1]",
                "192.0.2.1",
                "g::"
            })
    void whatIsNotAnIpv6AddressIsRefused(String text) {
        assertThatThrownBy(() -> IpAddress.parseIpv6(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "' is not an IPv6 address");
    }

    @Test
    void everyAddressIsReadBackAsItWasWritten() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 10_000; i++) {
            int ipv4 = random.nextInt();
            assertThat(IpAddress.parseIpv4(IpAddress.formatIpv4(ipv4))).isEqualTo(ipv4);
            long zeros = random.nextBoolean() ? 0xFFFF_0000_FFFFL : 0xFFFF_0000_0000_0000L;
            IpAddress.V6 ipv6 = new IpAddress.V6(random.nextLong() & zeros, random.nextLong() & zeros);
            assertThat(IpAddress.parseIpv6(ipv6.toString())).isEqualTo(ipv6);
        }
    }
}
