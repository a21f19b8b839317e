package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeadersTest {
    private final EdgeOfMemory memory = new EdgeOfMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void noValidFrameIsMalformed() {
        for (Map.Entry<String, byte[]> frame : ValidFrames.all().entrySet()) {
            assertThat(Headers.isMalformed(parse(frame.getValue())))
                    .as(frame.getKey())
                    .isFalse();
        }
    }

    @Test
    void layersOfAUdpPacketAreFoundAndPaddingIsNot() {
        byte[] frame = ValidFrames.ipv4().udp(1000, 53).payload(1, 2, 3).build();
        long headers = parse(Arrays.copyOf(frame, 60));
        assertThat(Headers.etherType(headers)).isEqualTo(EtherType.IPV4);
        assertThat(Headers.vlanTags(headers)).isZero();
        assertThat(Headers.isIpv4(headers)).isTrue();
        assertThat(Headers.isUdp(headers)).isTrue();
        assertThat(Headers.isIpv6(headers) || Headers.isArp(headers) || Headers.isTcp(headers))
                .isFalse();
        assertThat(Headers.isIcmp(headers) || Headers.isFragment(headers)).isFalse();
        assertThat(Headers.protocol(headers)).isEqualTo(IpProtocol.UDP);
        assertThat(Headers.networkOffset(headers)).isEqualTo(14);
        assertThat(Headers.networkHeaderLength(headers)).isEqualTo(20);
        assertThat(Headers.transportOffset(headers)).isEqualTo(34);
        assertThat(Headers.transportHeaderLength(headers)).isEqualTo(8);
        assertThat(Headers.transportLength(headers)).isEqualTo(11);
        assertThat(Headers.payloadOffset(headers)).isEqualTo(42);
        assertThat(Headers.payloadLength(headers)).isEqualTo(3);
        assertThat(Headers.checksumOffset(headers)).isEqualTo(40);
    }

    @Test
    void optionsMoveWhatFollows() {
        long headers = parse(ValidFrames.ipv4()
                .options(1, 1, 1, 0)
                .tcp(1, 2, 3, 4, Tcp.SYN)
                .options(ValidFrames.synOptions())
                .payload(7)
                .build());
        assertThat(Headers.isTcp(headers)).isTrue();
        assertThat(Headers.networkHeaderLength(headers)).isEqualTo(24);
        assertThat(Headers.transportOffset(headers)).isEqualTo(38);
        assertThat(Headers.transportHeaderLength(headers)).isEqualTo(40);
        assertThat(Headers.payloadOffset(headers)).isEqualTo(78);
        assertThat(Headers.payloadLength(headers)).isEqualTo(1);
        assertThat(Headers.checksumOffset(headers)).isEqualTo(38 + 16);
    }

    @Test
    void twoTagsAreLookedBehindAndAThirdIsNot() {
        long two = parse(
                ValidFrames.vlanTwice().ipv4("192.0.2.1", "192.0.2.2").udp(1, 2).build());
        assertThat(Headers.vlanTags(two)).isEqualTo(2);
        assertThat(Headers.networkOffset(two)).isEqualTo(22);
        assertThat(Headers.etherType(two)).isEqualTo(EtherType.IPV4);
        assertThat(Headers.isUdp(two)).isTrue();

        long three = parse(
                ValidFrames.vlanTwice().vlan(6).ipv4("192.0.2.1", "192.0.2.2").build());
        assertThat(Headers.vlanTags(three)).isEqualTo(2);
        assertThat(Headers.etherType(three)).isEqualTo(EtherType.VLAN);
        assertThat(Headers.isIpv4(three) || Headers.isMalformed(three)).isFalse();
    }

    @Test
    void anArpPacketIsFound() {
        long headers = parse(ValidFrames.arp());
        assertThat(Headers.isArp(headers)).isTrue();
        assertThat(Headers.networkHeaderLength(headers)).isEqualTo(Arp.HEADER_LENGTH);
        assertThat(Headers.checksumOffset(headers)).isEqualTo(Headers.NONE);
    }

    @Test
    void extensionHeadersArePassed() {
        long packet = memory.atEnd(ValidFrames.ipv6Extensions());
        long headers = Headers.parse(packet);
        assertThat(Headers.isUdp(headers)).isTrue();
        assertThat(Headers.isFragment(headers))
                .as("a datagram in a single fragment")
                .isFalse();
        assertThat(Headers.networkHeaderLength(headers)).isEqualTo(40 + 5 * 8 + 24);
        assertThat(Udp.destinationPort(packet, Headers.transportOffset(headers)))
                .isEqualTo(5000);
        assertThat(Headers.payloadLength(headers)).isEqualTo(3);
    }

    @Test
    void aFragmentsTransportHeaderIsNotLookedAt() {
        for (String name : new String[] {"ipv4-fragment", "ipv6-fragment"}) {
            long headers = parse(ValidFrames.named(name));
            assertThat(Headers.isFragment(headers)).as(name).isTrue();
            assertThat(Headers.isUdp(headers)).as(name).isFalse();
            assertThat(Headers.transportHeaderLength(headers)).isZero();
            assertThat(Headers.checksumOffset(headers)).isEqualTo(Headers.NONE);
        }
        assertThat(Headers.protocol(parse(ValidFrames.named("ipv4-fragment")))).isEqualTo(IpProtocol.UDP);
    }

    @Test
    void icmpCountsOnlyOnItsOwnKindOfIp() {
        assertThat(Headers.isIcmp(parse(ValidFrames.ipv4().echo(1, 2).build()))).isTrue();
        assertThat(Headers.isIcmp(parse(ValidFrames.ipv6().echo(1, 2).build()))).isTrue();
        byte[] strange = ValidFrames.ipv4().echo(1, 2).build();
        strange[23] = IpProtocol.ICMPV6;
        assertThat(Headers.isIcmp(parse(strange))).isFalse();
        assertThat(Headers.checksumOffset(parse(strange))).isEqualTo(Headers.NONE);
    }

    @Test
    void aRoutedPacketsChecksumCannotBeTold() {
        long packet = memory.atEnd(ValidFrames.ipv6()
                .extension(IpProtocol.ROUTING, 0, 0, 4, 1, 0, 0, 0, 0)
                .udp(1, 2)
                .build());
        long headers = Headers.parse(packet);
        assertThat(Headers.isRouted(headers)).isTrue();
        assertThat(Headers.isUdp(headers)).isTrue();
        assertThat(Headers.checksumOffset(headers)).isEqualTo(Headers.NONE);
    }

    @Test
    void whatComesBeforeAMalformedHeaderIsStillFound() {
        byte[] shortTcp = ValidFrames.ipv4().tcp(1, 2, 3, 4, 0).build();
        shortTcp[46] = 0x40;
        assertMalformed(shortTcp, true, IpProtocol.TCP);
        byte[] longUdp = ValidFrames.ipv4().udp(1, 2).build();
        longUdp[39]++;
        assertMalformed(longUdp, true, IpProtocol.UDP);
        assertMalformed(Arrays.copyOf(ValidFrames.ipv4().udp(1, 2).build(), 41), false, 0);
        assertMalformed(Arrays.copyOf(ValidFrames.vlanTwice().build(), 21), false, 0);
        assertMalformed(new byte[13], false, 0);
    }

    @Test
    void aTransportHeaderDoesNotReachIntoThePadding() {
        byte[] frame = Arrays.copyOf(ValidFrames.ipv4().tcp(1, 2, 3, 4, 0).build(), 64);
        frame[17] = 36; // IPv4 ends before the TCP header does
        assertMalformed(frame, true, IpProtocol.TCP);
        byte[] datagram = Arrays.copyOf(ValidFrames.ipv4().udp(1, 2).build(), 64);
        datagram[39] = 10; // UDP ends after IPv4 does
        assertMalformed(datagram, true, IpProtocol.UDP);
    }

    @Test
    void aUdpLengthBelowIpsBoundsThePayload() {
        byte[] frame = ValidFrames.ipv4().udp(1, 2).payload(1, 2, 3, 4).build();
        frame[39] = 9;
        long headers = parse(frame);
        assertThat(Headers.isMalformed(headers)).isFalse();
        assertThat(Headers.payloadLength(headers)).isEqualTo(1);
    }

    private void assertMalformed(byte[] frame, boolean ipv4, int protocol) {
        long headers = parse(frame);
        assertThat(Headers.isMalformed(headers)).isTrue();
        assertThat(Headers.isIpv4(headers)).isEqualTo(ipv4);
        assertThat(Headers.protocol(headers)).isEqualTo(protocol);
        assertThat(Headers.isTcp(headers) || Headers.isUdp(headers)).isFalse();
        assertThat(Headers.checksumOffset(headers)).isEqualTo(Headers.NONE);
    }

    private long parse(byte[] frame) {
        return Headers.parse(memory.atEnd(frame));
    }
}
