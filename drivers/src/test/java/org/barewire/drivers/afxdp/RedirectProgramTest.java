package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.barewire.core.device.OptionReader;
import org.barewire.core.linux.Bpf;
import org.barewire.core.linux.Fd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The kernel's verifier and its JIT are the peers: programs are loaded and run on made-up frames. Nothing is
/// in the map, so that a match answers what was given for that: to drop.
@Tag("peer")
class RedirectProgramTest {
    private static final String ADDRESSES = "020000000002 020000000001";
    private static final String IPV4 = "0800 45000020 0001%s 40%s0000 c0000201 c6336407";
    private static final String PORTS = "0400 %04x 0008 0000";

    private int map;

    @BeforeEach
    void makeAMap() {
        map = Bpf.createMap(Bpf.MAP_TYPE_XSKMAP, 4, 4, 1, "test");
    }

    @AfterEach
    void closeTheMap() {
        Fd.close(map);
    }

    private static byte[] frame(String... parts) {
        return HexFormat.of().parseHex(String.join("", parts).replace(" ", ""));
    }

    private static byte[] ipv4(String fragment, String protocol, int port) {
        return frame(ADDRESSES, IPV4.formatted(fragment, protocol), PORTS.formatted(port));
    }

    private static byte[] ipv6(String next, String more) {
        String addresses = "20010db8000000000000000000000001 20010db8000000000000000000000002";
        return frame(ADDRESSES, "86dd 60000000 0008", next, "40", addresses, more);
    }

    private boolean takes(Map<String, String> options, byte[] frame) {
        Match match = Match.of(new OptionReader(options));
        int program =
                Bpf.loadProgram(Bpf.PROGRAM_TYPE_XDP, RedirectProgram.generate(match, map, Bpf.XDP_DROP), 0, "test");
        try {
            int answer = Bpf.run(program, frame);
            assertThat(answer).isIn(Bpf.XDP_DROP, Bpf.XDP_PASS);
            return answer == Bpf.XDP_DROP;
        } finally {
            Fd.close(program);
        }
    }

    private boolean takes(String match, byte[] frame) {
        return takes(Map.of("match", match), frame);
    }

    @Test
    void withoutMatchEverythingIsTaken() {
        assertThat(takes(Map.of(), new byte[14])).isTrue();
        assertThat(takes("all", ipv4("0000", "11", 53))).isTrue();
    }

    @Test
    void aPortIsComparedForItsProtocolOnly() {
        assertThat(takes("udp/53", ipv4("0000", "11", 53))).isTrue();
        assertThat(takes("udp/53", ipv4("0000", "11", 54))).isFalse();
        assertThat(takes("udp/53", ipv4("0000", "06", 53))).isFalse();
        assertThat(takes("tcp/80,udp/53", ipv4("0000", "06", 80))).isTrue();
    }

    @Test
    void aRangeHasBothItsEnds() {
        String range = "tcp/1000-65535";
        assertThat(takes(range, ipv4("0000", "06", 999))).isFalse();
        assertThat(takes(range, ipv4("0000", "06", 1000))).isTrue();
        assertThat(takes(range, ipv4("0000", "06", 65535))).isTrue();
    }

    @Test
    void aFragmentIsTheKernelsUnlessPortsDoNotMatter() {
        for (String fragment : new String[] {"2000", "0001", "3fff"}) {
            assertThat(takes("udp/53", ipv4(fragment, "11", 53))).isFalse();
            assertThat(takes("udp", ipv4(fragment, "11", 53))).isTrue();
        }
        assertThat(takes("udp/53", ipv4("4000", "11", 53))).as("don't fragment").isTrue();
    }

    @Test
    void optionsOfIpv4AreSkipped() {
        byte[] options = frame(
                ADDRESSES, "0800 48000020 00010000 40110000 c0000201 c6336407", "01".repeat(12), PORTS.formatted(53));
        assertThat(takes("udp/53", options)).isTrue();
        options[14] = 0x44; // less than the least header
        assertThat(takes("udp/53", options)).isFalse();
        options[14] = 0x4F; // more than there is
        assertThat(takes("udp/53", options)).isFalse();
        options[14] = 0x65; // IPv6 in a frame that says IPv4
        assertThat(takes("udp/53", options)).isFalse();
    }

    @Test
    void oneTagIsSkippedAndTwoAreNot() {
        String ip = IPV4.formatted("0000", "11") + PORTS.formatted(53);
        assertThat(takes("udp/53", frame(ADDRESSES, "8100 2007", ip))).isTrue();
        assertThat(takes("udp/53", frame(ADDRESSES, "88a8 0007", ip))).isTrue();
        assertThat(takes("udp/53", frame(ADDRESSES, "88a8 0007 8100 0007", ip))).isFalse();
    }

    @Test
    void extensionHeadersOfIpv6AreSkipped() {
        String ports = PORTS.formatted(53);
        assertThat(takes("udp/53", ipv6("11", ports))).isTrue();
        assertThat(takes("udp/53", ipv6("00", "1100 0000 00000000" + ports))).isTrue();
        assertThat(takes(
                        "udp/53",
                        ipv6(
                                "00",
                                "2b01" + "00".repeat(14) + "3c00" + "00".repeat(6) + "1100" + "00".repeat(6) + ports)))
                .isTrue();
        assertThat(takes("udp/53", ipv6("00", "11ff 0000 00000000" + ports)))
                .as("beyond the end")
                .isFalse();
        assertThat(takes("icmp6", ipv6("3a", ports))).isTrue();
    }

    @Test
    void aFragmentOfIpv6IsTheKernelsUnlessPortsDoNotMatter() {
        String ports = PORTS.formatted(53);
        for (String fragment : new String[] {"0001", "0008", "fff9"}) {
            assertThat(takes("udp/53", ipv6("2c", "1100" + fragment + "00000001" + ports)))
                    .isFalse();
            assertThat(takes("udp", ipv6("2c", "1100" + fragment + "00000001" + ports)))
                    .isTrue();
        }
        assertThat(takes("udp/53", ipv6("2c", "1100 0000 00000001" + ports)))
                .as("the only one")
                .isTrue();
    }

    @Test
    void prefixesSelectByAddress() {
        byte[] four = ipv4("0000", "11", 53); // 192.0.2.1 to 198.51.100.7
        assertThat(takes(Map.of("from", "192.0.2.0/24"), four)).isTrue();
        assertThat(takes(Map.of("from", "192.0.2.2"), four)).isFalse();
        assertThat(takes(Map.of("from", "10.0.0.0/8,192.0.2.1"), four)).isTrue();
        assertThat(takes(Map.of("to", "198.51.100.4/30", "from", "192.0.0.0/16", "match", "udp/53"), four))
                .isTrue();
        assertThat(takes(Map.of("to", "198.51.100.4/31", "match", "udp/53"), four))
                .isFalse();
        assertThat(takes(Map.of("to", "0.0.0.0/0"), four)).isTrue();
        assertThat(takes(Map.of("to", "::/0"), four)).isFalse();
        byte[] six = ipv6("11", PORTS.formatted(53)); // 2001:db8::1 to 2001:db8::2
        assertThat(takes(Map.of("from", "2001:db8::/33", "match", "udp"), six)).isTrue();
        assertThat(takes(Map.of("from", "2001:db8::2/127", "match", "udp"), six))
                .isFalse();
        assertThat(takes(Map.of("to", "10.0.0.0/8,2001:db8::2"), six)).isTrue();
        assertThat(takes(Map.of("to", "198.51.100.7"), six)).isFalse();
    }

    @Test
    void arpIsTakenWhereItIsNamed() {
        byte[] arp = frame(ADDRESSES, "0806 0001 0800 0604 0001", "00".repeat(20));
        assertThat(takes("arp", arp)).isTrue();
        assertThat(takes("udp", arp)).isFalse();
        assertThat(takes(Map.of("match", "all,arp", "to", "10.0.0.1"), arp)).isTrue();
    }

    @Test
    void theLongestListsLoad() {
        StringBuilder terms = new StringBuilder("tcp/1-2");
        StringBuilder prefixes = new StringBuilder("2001:db8::1");
        for (int i = 1; i < 32; i++) {
            terms.append(",udp/").append(i * 100).append('-').append(i * 100 + 50);
            prefixes.append(i % 2 == 0 ? ",2001:db8::" + i + "/120" : ",192.0." + i + ".0/24");
        }
        Map<String, String> options =
                Map.of("match", terms.toString(), "from", prefixes.toString(), "to", prefixes.toString());
        assertThat(takes(options, ipv4("0000", "11", 53))).isFalse();
    }

    @Test
    void everyCutOfAFrameIsTheKernelsOrOurs() {
        ByteArrayOutputStream seen = new ByteArrayOutputStream();
        Random random = new Random(7);
        byte[] whole = ipv6("00", "1100 0000 00000000" + PORTS.formatted(53));
        Match match = Match.of(new OptionReader(Map.of("match", "udp/53,tcp", "from", "2001:db8::/32")));
        int program =
                Bpf.loadProgram(Bpf.PROGRAM_TYPE_XDP, RedirectProgram.generate(match, map, Bpf.XDP_DROP), 0, "test");
        for (int length = 14; length <= whole.length; length++) { // 14 is the least that the kernel runs it on
            byte[] cut = java.util.Arrays.copyOf(whole, length);
            boolean portsThere = length >= 14 + 40 + 8 + 4;
            assertThat(Bpf.run(program, cut)).isEqualTo(portsThere ? Bpf.XDP_DROP : Bpf.XDP_PASS);
            random.nextBytes(cut);
            seen.write(Bpf.run(program, cut));
        }
        Fd.close(program);
        assertThat(seen.toByteArray()).containsOnly(Bpf.XDP_PASS);
    }
}
