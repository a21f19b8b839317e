package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Arp;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;
import org.barewire.core.packet.Vlan;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PacketLineTest {
    private static final PacketPool POOL = PacketPool.create(PacketMemory.standard(), 8);
    private static final MacAddress HARDWARE = MacAddress.parse("02:00:00:00:00:07");

    @AfterAll
    static void close() {
        POOL.close();
    }

    private static String line(byte[] frame, int originalLength, boolean link) {
        long packet = POOL.allocateCopy(frame);
        try {
            return PacketLine.of(packet, originalLength, link);
        } finally {
            PacketPool.release(packet);
        }
    }

    private static String line(FrameBuilder frame) {
        byte[] bytes = frame.build();
        return line(bytes, bytes.length, false);
    }

    private static FrameBuilder ipv4() {
        return FrameBuilder.ethernet().ipv4("192.0.2.1", "192.0.2.2");
    }

    private static FrameBuilder ipv6() {
        return FrameBuilder.ethernet().ipv6("2001:db8::1", "2001:db8::2");
    }

    @Test
    void udpHasPortsAndTheLengthOfItsPayload() {
        assertThat(line(ipv4().udp(1000, 53).payload(1, 2, 3)))
                .isEqualTo("IP 192.0.2.1.1000 > 192.0.2.2.53: UDP, length 3");
        assertThat(line(ipv6().udp(1000, 53))).isEqualTo("IP6 2001:db8::1.1000 > 2001:db8::2.53: UDP, length 0");
    }

    @Test
    void tcpHasFlagsNumbersAndWindow() {
        assertThat(line(ipv4().tcp(1000, 80, 0xFFFF_FFFF, 0, Tcp.SYN)))
                .isEqualTo("IP 192.0.2.1.1000 > 192.0.2.2.80: Flags [S], seq 4294967295, win 65535, length 0");
        assertThat(line(ipv6().tcp(80, 1000, 0xFFFF_FFFF, 7, Tcp.PSH | Tcp.ACK).payload(1, 2)))
                .isEqualTo("IP6 2001:db8::1.80 > 2001:db8::2.1000: Flags [P.], seq 4294967295:1, ack 7, win 65535,"
                        + " length 2");
        assertThat(line(ipv4().tcp(1, 2, 3, 4, 0))).contains("Flags [none], seq 3, win");
    }

    @Test
    void echoHasIdentifierAndNumber() {
        assertThat(line(ipv4().echo(5, 6)))
                .isEqualTo("IP 192.0.2.1 > 192.0.2.2: ICMP echo request, id 5, seq 6, length 8");
        assertThat(line(ipv6().echo(5, 6).payload(1)))
                .isEqualTo("IP6 2001:db8::1 > 2001:db8::2: ICMP6, echo request, id 5, seq 6, length 9");
    }

    @Test
    void arpSaysWhoAsksAndWhoIsWhere() {
        MacAddress nobody = new MacAddress(0);
        assertThat(line(FrameBuilder.ethernet().arp(Arp.REQUEST, HARDWARE, "192.0.2.1", nobody, "192.0.2.2")))
                .isEqualTo("ARP, Request who-has 192.0.2.2 tell 192.0.2.1, length 28");
        assertThat(line(FrameBuilder.ethernet().arp(Arp.REPLY, HARDWARE, "192.0.2.1", nobody, "192.0.2.2")))
                .isEqualTo("ARP, Reply 192.0.2.1 is-at 02:00:00:00:00:07, length 28");
    }

    @Test
    void tagsAreShownFromTheOutsideIn() {
        FrameBuilder frame = FrameBuilder.ethernet()
                .vlan(EtherType.PROVIDER_VLAN, Vlan.control(3, true, 100))
                .vlan(5)
                .ipv4("192.0.2.1", "192.0.2.2")
                .udp(1, 2);
        assertThat(line(frame))
                .isEqualTo("vlan 100, p 3, DEI, vlan 5, p 0, IP 192.0.2.1.1 > 192.0.2.2.2: UDP, length 0");
    }

    @Test
    void theTypeOfEachTagIsShownWithEthernet() {
        FrameBuilder frame = FrameBuilder.ethernet()
                .vlan(EtherType.VLAN, 7)
                .ipv4("192.0.2.1", "192.0.2.2")
                .udp(1, 2);
        assertThat(line(frame.build(), 60, true))
                .isEqualTo("02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 0x8100, length 60:"
                        + " vlan 7, p 0, ethertype 0x0800, IP 192.0.2.1.1 > 192.0.2.2.2: UDP, length 0");
    }

    @Test
    void ethernetIsShownWhenAskedFor() {
        assertThat(line(ipv4().udp(1, 2).build(), 42, true))
                .isEqualTo("02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 0x0800, length 42:"
                        + " IP 192.0.2.1.1 > 192.0.2.2.2: UDP, length 0");
    }

    @Test
    void whatIsNotDecodedHasItsNumber() {
        assertThat(line(FrameBuilder.ethernet().type(0x1234).length(60))).isEqualTo("ethertype 0x1234, length 60");
        assertThat(line(FrameBuilder.ethernet().type(EtherType.LLDP).length(60)))
                .isEqualTo("LLDP, length 60");
        assertThat(line(ipv4().payload(1, 2))).isEqualTo("IP 192.0.2.1 > 192.0.2.2: ip-proto-59, length 2");
    }

    @Test
    void aFragmentSaysWhereItBelongs() {
        byte[] frame = ipv4().udp(1, 2).length(60).build();
        frame[19] = 9; // identification
        frame[21] = 2; // fragment offset in units of 8
        assertThat(line(frame, 60, false))
                .isEqualTo("IP 192.0.2.1 > 192.0.2.2: UDP, fragment of id 9 at 16, length 26");
    }

    @Test
    void whatIsMissingIsMalformedUnlessItWasCutOff() {
        byte[] frame = Arrays.copyOf(ipv4().udp(1, 2).length(60).build(), 40);
        assertThat(line(frame, 40, false)).isEqualTo("IP, malformed, length 40");
        assertThat(line(frame, 60, false)).isEqualTo("IP, cut off, length 60");
        assertThat(line(new byte[] {1}, 1, true)).isEqualTo("Ethernet, malformed, length 1");
    }

    @Test
    void aUdpLengthBeyondThePacketIsMalformed() {
        byte[] frame = ipv4().udp(1, 2).build();
        frame[39] = 99;
        assertThat(line(frame, 42, false)).isEqualTo("IP 192.0.2.1 > 192.0.2.2: UDP, malformed, length 8");
    }

    @Test
    void nothingInAPacketMakesItThrow() {
        SplittableRandom random = new SplittableRandom(7);
        List<byte[]> frames = List.of(
                ipv4().tcp(1, 2, 3, 4, Tcp.ACK).options(1, 1, 1, 0).length(80).build(),
                ipv6().extension(0, 0, 0, 1, 4, 0, 0, 0, 0).udp(1, 2).length(90).build(),
                FrameBuilder.ethernet()
                        .vlan(1)
                        .vlan(2)
                        .ipv4("1.2.3.4", "5.6.7.8")
                        .echo(1, 2)
                        .build(),
                FrameBuilder.ethernet()
                        .arp(1, HARDWARE, "1.2.3.4", HARDWARE, "5.6.7.8")
                        .build());
        for (byte[] frame : frames) {
            for (int round = 0; round < 20_000; round++) {
                byte[] hostile = Arrays.copyOf(frame, random.nextInt(frame.length + 1));
                for (int i = random.nextInt(4); i > 0 && hostile.length > 0; i--) {
                    hostile[random.nextInt(hostile.length)] = (byte) random.nextInt();
                }
                assertThat(line(hostile, hostile.length, true)).isNotEmpty().doesNotContain("\n");
            }
        }
    }

    @Test
    void bytesAreDumpedSixteenToALine() {
        long packet = POOL.allocateCopy("Ethernet is 50 years!".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        StringBuilder dump = new StringBuilder();
        HexDump.append(dump, packet);
        PacketPool.release(packet);
        assertThat(dump.toString().lines())
                .containsExactly(
                        "\t0x0000:  4574 6865 726e 6574 2069 7320 3530 2079  Ethernet is 50 y",
                        "\t0x0010:  6561 7273 21                             ears!");
    }
}
