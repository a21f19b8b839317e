package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Ipv6ExtensionsTest {
    private static final int NETWORK = Ethernet.HEADER_LENGTH;
    private static final int FIRST = NETWORK + Ipv6.HEADER_LENGTH;
    private static final int[] OPTIONS = {0, 0, 1, 4, 0, 0, 0, 0};

    private final EdgeOfMemory memory = new EdgeOfMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void withoutExtensionsTheNextHeaderFollows() {
        long extensions = walk(ValidFrames.ipv6().udp(1, 2));
        assertThat(Ipv6Extensions.protocol(extensions)).isEqualTo(IpProtocol.UDP);
        assertThat(Ipv6Extensions.end(extensions)).isEqualTo(FIRST);
        assertThat(Ipv6Extensions.fragmentHeader(extensions)).isZero();
    }

    @Test
    void lengthsCountInTheUnitsOfTheirHeader() {
        assertThat(endAfter(IpProtocol.DESTINATION_OPTIONS, 1, 16)).isEqualTo(FIRST + 16);
        assertThat(endAfter(IpProtocol.ROUTING, 2, 24)).isEqualTo(FIRST + 24);
        assertThat(endAfter(IpProtocol.FRAGMENT, 0xFF, 8)).as("reserved byte").isEqualTo(FIRST + 8);
        assertThat(endAfter(IpProtocol.AUTHENTICATION, 4, 24))
                .as("RFC 4302, 2.2")
                .isEqualTo(FIRST + 24);
        assertThat(endAfter(IpProtocol.AUTHENTICATION, 1, 12)).isEqualTo(FIRST + 12);
    }

    private int endAfter(int protocol, int lengthField, int length) {
        int[] header = new int[length];
        header[1] = lengthField;
        long extensions = walk(ValidFrames.ipv6().extension(protocol, header).udp(1, 2));
        assertThat(Ipv6Extensions.isMalformed(extensions)).isFalse();
        assertThat(Ipv6Extensions.protocol(extensions)).isEqualTo(IpProtocol.UDP);
        return Ipv6Extensions.end(extensions);
    }

    @Test
    void aFragmentSaysWhereItBelongs() {
        long packet = memory.atEnd(ValidFrames.ipv6()
                .extension(IpProtocol.HOP_BY_HOP, OPTIONS)
                .extension(IpProtocol.FRAGMENT, 0, 0, 0x01, 0x41, 0xFE, 2, 3, 4)
                .payload(IpProtocol.ROUTING, 99) // not to be followed
                .build());
        long extensions = Ipv6Extensions.walk(packet, NETWORK);
        int header = Ipv6Extensions.fragmentHeader(extensions);
        assertThat(Ipv6Extensions.isFragment(extensions)).isTrue();
        assertThat(Ipv6Extensions.isMalformed(extensions)).isFalse();
        assertThat(header).isEqualTo(FIRST + 8);
        assertThat(Ipv6Extensions.end(extensions)).isEqualTo(FIRST + 16);
        assertThat(Ipv6Extensions.fragmentOffset(packet, header)).isEqualTo(0x140);
        assertThat(Ipv6Extensions.hasMoreFragments(packet, header)).isTrue();
        assertThat(Ipv6Extensions.fragmentId(packet, header)).isEqualTo(0xFE02_0304);
    }

    @Test
    void aHeaderThatEndsBeyondThePayloadIsMalformed() {
        long packet = memory.atEnd(ValidFrames.ipv6()
                .extension(IpProtocol.DESTINATION_OPTIONS, OPTIONS)
                .payload(1, 2, 3, 4, 5, 6, 7, 8)
                .build());
        Packet.setByte(packet, FIRST + 1, 2);
        assertMalformedAt(packet, FIRST);
        Packet.setByte(packet, FIRST + 1, 1);
        Ipv6.setPayloadLength(packet, NETWORK, 15); // the rest is padding
        assertMalformedAt(packet, FIRST);
    }

    @Test
    void anAuthenticationHeaderWithoutItsFixedPartIsMalformed() {
        long packet = memory.atEnd(ValidFrames.ipv6()
                .extension(IpProtocol.AUTHENTICATION, new int[12])
                .build());
        assertMalformedAt(packet, FIRST);
    }

    @Test
    void hopByHopOptionsMayOnlyComeFirst() {
        long packet = memory.atEnd(ValidFrames.ipv6()
                .extension(IpProtocol.DESTINATION_OPTIONS, OPTIONS)
                .extension(IpProtocol.HOP_BY_HOP, OPTIONS)
                .udp(1, 2)
                .build());
        assertMalformedAt(packet, FIRST + 8);
    }

    @Test
    void aDatagramIsCutOnlyOnce() {
        long packet = memory.atEnd(ValidFrames.ipv6()
                .extension(IpProtocol.FRAGMENT, new int[8])
                .extension(IpProtocol.FRAGMENT, new int[8])
                .udp(1, 2)
                .build());
        assertMalformedAt(packet, FIRST + 8);
        assertThat(Ipv6Extensions.fragmentHeader(Ipv6Extensions.walk(packet, NETWORK)))
                .isEqualTo(FIRST);
    }

    @Test
    void moreHeadersThanTheLimitAreNotFollowed() {
        FrameBuilder frame = ValidFrames.ipv6();
        for (int i = 0; i < Ipv6Extensions.MAX_HEADERS; i++) {
            frame.extension(IpProtocol.DESTINATION_OPTIONS, OPTIONS);
        }
        assertThat(Ipv6Extensions.isMalformed(walk(frame))).isFalse();
        frame.extension(IpProtocol.DESTINATION_OPTIONS, OPTIONS);
        assertMalformedAt(memory.atEnd(frame.build()), FIRST + Ipv6Extensions.MAX_HEADERS * 8);
    }

    @Test
    void theLongestHeadersAreFollowedToTheirEnd() {
        FrameBuilder frame = ValidFrames.ipv6();
        int[] longest = new int[2048];
        longest[1] = 255;
        for (int i = 0; i < Ipv6Extensions.MAX_HEADERS; i++) {
            frame.extension(IpProtocol.DESTINATION_OPTIONS, longest);
        }
        long packet = memory.atEnd(frame.udp(1, 53).payload(1, 2, 3).build());
        long headers = Headers.parse(packet);
        assertThat(Headers.isUdp(headers)).isTrue();
        assertThat(Headers.transportOffset(headers)).isEqualTo(FIRST + 7 * 2048);
        assertThat(Checksum.isTransportValid(packet, headers)).isTrue();
    }

    private void assertMalformedAt(long packet, int offset) {
        long extensions = Ipv6Extensions.walk(packet, NETWORK);
        assertThat(Ipv6Extensions.isMalformed(extensions)).isTrue();
        assertThat(Ipv6Extensions.end(extensions)).isEqualTo(offset);
        assertThat(Headers.isMalformed(Headers.parse(packet))).isTrue();
    }

    private long walk(FrameBuilder frame) {
        return Ipv6Extensions.walk(memory.atEnd(frame.build()), NETWORK);
    }
}
