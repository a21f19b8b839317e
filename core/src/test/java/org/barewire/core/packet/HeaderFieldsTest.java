package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Every field of every header against bytes written by hand, read and written.
class HeaderFieldsTest {
    private static final int AT = 3; // headers may begin anywhere

    private final EdgeOfMemory memory = new EdgeOfMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void ethernetFieldsAreWhereTheStandardHasThem() {
        byte[] bytes = Hexdump.bytes("ffeeddccbbaa 020304050607 86dd");
        long packet = memory.atEnd(bytes);
        assertThat(Ethernet.fits(packet)).isTrue();
        assertThat(Ethernet.destination(packet)).isEqualTo(0xFFEE_DDCC_BBAAL);
        assertThat(Ethernet.source(packet)).isEqualTo(0x0203_0405_0607L);
        assertThat(Ethernet.type(packet)).isEqualTo(EtherType.IPV6);
        assertThat(Ethernet.isMulticast(packet)).isTrue();

        long written = memory.atStart(new byte[bytes.length]);
        Ethernet.setDestination(written, 0xFFEE_DDCC_BBAAL);
        Ethernet.setSource(written, 0x0203_0405_0607L);
        Ethernet.setType(written, EtherType.IPV6);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void swappedAddressesLeaveTheRestAsItWas() {
        long packet = memory.atEnd(Hexdump.bytes("ffeeddccbbaa 020304050607 86dd 99"));
        Ethernet.swapAddresses(packet);
        Hexdump.assertSame(Packet.bytes(packet), Hexdump.bytes("020304050607 ffeeddccbbaa 86dd 99"));
    }

    @Test
    void vlanFieldsAreWhereTheStandardHasThem() {
        byte[] bytes = Hexdump.bytes("000000 b123 0800");
        long packet = memory.atEnd(bytes);
        assertThat(Vlan.fits(packet, AT)).isTrue();
        assertThat(Vlan.control(packet, AT)).isEqualTo(0xB123);
        assertThat(Vlan.priority(packet, AT)).isEqualTo(5);
        assertThat(Vlan.isDropEligible(packet, AT)).isTrue();
        assertThat(Vlan.id(packet, AT)).isEqualTo(0x123);
        assertThat(Vlan.type(packet, AT)).isEqualTo(EtherType.IPV4);

        long written = memory.atStart(new byte[bytes.length]);
        Vlan.setControl(written, AT, Vlan.control(5, true, 0xFFF));
        Vlan.setId(written, AT, 0x123);
        Vlan.setType(written, AT, EtherType.IPV4);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void arpFieldsAreWhereTheRfcHasThem() {
        byte[] bytes = Hexdump.bytes("""
                000000
                0001 0800 06 04 0001
                020000000001 c0000201
                fffefdfcfbfa c0000202
                """);
        long packet = memory.atEnd(bytes);
        assertThat(Arp.fits(packet, AT)).isTrue();
        assertThat(Arp.operation(packet, AT)).isEqualTo(Arp.REQUEST);
        assertThat(Arp.senderHardware(packet, AT)).isEqualTo(0x0200_0000_0001L);
        assertThat(Arp.senderProtocol(packet, AT)).isEqualTo(0xC000_0201);
        assertThat(Arp.targetHardware(packet, AT)).isEqualTo(0xFFFE_FDFC_FBFAL);
        assertThat(Arp.targetProtocol(packet, AT)).isEqualTo(0xC000_0202);

        long written = memory.atStart(new byte[bytes.length]);
        Arp.begin(written, AT, Arp.REPLY);
        Arp.setOperation(written, AT, Arp.REQUEST);
        Arp.setSender(written, AT, 0x0200_0000_0001L, 0xC000_0201);
        Arp.setTarget(written, AT, 0xFFFE_FDFC_FBFAL, 0xC000_0202);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void arpForOtherAddressesThanIpv4OverEthernetDoesNotFit() {
        for (int field : new int[] {0, 1, 2, 3, 4, 5}) {
            byte[] bytes = ValidFrames.arp();
            bytes[Ethernet.HEADER_LENGTH + field]++;
            assertThat(Arp.fits(memory.atEnd(bytes), Ethernet.HEADER_LENGTH)).isFalse();
        }
    }

    @Test
    void anArpReplyAnswersWhatTheRequestAsked() {
        long packet = memory.atEnd(ValidFrames.arp());
        Arp.reply(packet, Ethernet.HEADER_LENGTH, 0x0200_0000_0002L);
        Hexdump.assertSame(
                Packet.bytes(Packet.pull(packet, Ethernet.HEADER_LENGTH)),
                Hexdump.bytes("0001 0800 06 04 0002 020000000002 c0000202 020000000001 c0000201"));
    }

    @Test
    void ipv4FieldsAreWhereTheRfcHasThem() {
        byte[] bytes = Hexdump.bytes("""
                000000
                46 b9 001c fedc 6123
                40 11 abcd c0000201
                c6336402 01020304
                55555555
                """);
        long packet = memory.atEnd(bytes);
        assertThat(Ipv4.fits(packet, AT)).isTrue();
        assertThat(Ipv4.version(packet, AT)).isEqualTo(4);
        assertThat(Ipv4.headerLength(packet, AT)).isEqualTo(24);
        assertThat(Ipv4.dscp(packet, AT)).isEqualTo(46);
        assertThat(Ipv4.ecn(packet, AT)).isEqualTo(1);
        assertThat(Ipv4.totalLength(packet, AT)).isEqualTo(28);
        assertThat(Ipv4.id(packet, AT)).isEqualTo(0xFEDC);
        assertThat(Ipv4.flags(packet, AT)).isEqualTo(Ipv4.DONT_FRAGMENT | Ipv4.MORE_FRAGMENTS);
        assertThat(Ipv4.fragmentOffset(packet, AT)).isEqualTo(0x123 * 8);
        assertThat(Ipv4.isFragment(packet, AT)).isTrue();
        assertThat(Ipv4.ttl(packet, AT)).isEqualTo(64);
        assertThat(Ipv4.protocol(packet, AT)).isEqualTo(IpProtocol.UDP);
        assertThat(Ipv4.checksum(packet, AT)).isEqualTo(0xABCD);
        assertThat(Ipv4.source(packet, AT)).isEqualTo(0xC000_0201);
        assertThat(Ipv4.destination(packet, AT)).isEqualTo(0xC633_6402);

        byte[] blank = Hexdump.bytes("000000" + "00".repeat(20) + "01020304 55555555");
        long written = memory.atStart(blank);
        Ipv4.setHeaderLength(written, AT, 24);
        Ipv4.setTrafficClass(written, AT, 46, 1);
        Ipv4.setTotalLength(written, AT, 28);
        Ipv4.setId(written, AT, 0xFEDC);
        Ipv4.setFragment(written, AT, Ipv4.DONT_FRAGMENT | Ipv4.MORE_FRAGMENTS, 0x123 * 8);
        Ipv4.setTtl(written, AT, 64);
        Ipv4.setProtocol(written, AT, IpProtocol.UDP);
        Ipv4.setChecksum(written, AT, 0xABCD);
        Ipv4.setSource(written, AT, 0xC000_0201);
        Ipv4.setDestination(written, AT, 0xC633_6402);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void anIpv4HeaderThatContradictsItselfOrThePacketDoesNotFit() {
        assertThat(fitsIpv4("45 00 0014")).isTrue();
        assertThat(fitsIpv4("55 00 0014")).as("version 5").isFalse();
        assertThat(fitsIpv4("44 00 0014")).as("header of 16 bytes").isFalse();
        assertThat(fitsIpv4("46 00 0018")).as("options beyond the packet").isFalse();
        assertThat(fitsIpv4("45 00 0013")).as("total length below the header's").isFalse();
        assertThat(fitsIpv4("45 00 0015")).as("total length beyond the packet").isFalse();
        assertThat(fitsIpv4("45 00 0000")).as("total length 0").isFalse();
    }

    private boolean fitsIpv4(String start) {
        return Ipv4.fits(memory.atEnd(Hexdump.bytes("000000" + start + "00".repeat(16))), AT);
    }

    @Test
    void aHeaderDoesNotFitBeforeThePacket() {
        long packet = memory.atEnd(new byte[100]);
        for (int offset : new int[] {-1, -40, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThat(Ipv4.fits(packet, offset)).isFalse();
            assertThat(Ipv6.fits(packet, offset)).isFalse();
            assertThat(Udp.fits(packet, offset)).isFalse();
            assertThat(Tcp.fits(packet, offset)).isFalse();
            assertThat(Icmp.fits(packet, offset)).isFalse();
            assertThat(Arp.fits(packet, offset)).isFalse();
            assertThat(Vlan.fits(packet, offset)).isFalse();
        }
    }

    @Test
    void ipv6FieldsAreWhereTheRfcHasThem() {
        byte[] bytes = Hexdump.bytes("""
                000000
                6ab12345 0002 3a ff
                20010db8000000000000000000000001
                fe80000000000000fedcba9876543210
                5555
                """);
        long packet = memory.atEnd(bytes);
        assertThat(Ipv6.fits(packet, AT)).isTrue();
        assertThat(Ipv6.version(packet, AT)).isEqualTo(6);
        assertThat(Ipv6.trafficClass(packet, AT)).isEqualTo(0xAB);
        assertThat(Ipv6.flowLabel(packet, AT)).isEqualTo(0x12345);
        assertThat(Ipv6.payloadLength(packet, AT)).isEqualTo(2);
        assertThat(Ipv6.nextHeader(packet, AT)).isEqualTo(IpProtocol.ICMPV6);
        assertThat(Ipv6.hopLimit(packet, AT)).isEqualTo(255);
        assertThat(Ipv6.sourceHigh(packet, AT)).isEqualTo(0x2001_0DB8_0000_0000L);
        assertThat(Ipv6.sourceLow(packet, AT)).isEqualTo(1);
        assertThat(Ipv6.destinationHigh(packet, AT)).isEqualTo(0xFE80_0000_0000_0000L);
        assertThat(Ipv6.destinationLow(packet, AT)).isEqualTo(0xFEDC_BA98_7654_3210L);

        long written = memory.atStart(Hexdump.bytes("000000" + "00".repeat(40) + "5555"));
        Ipv6.begin(written, AT, 0xAB, 0x12345);
        Ipv6.setPayloadLength(written, AT, 2);
        Ipv6.setNextHeader(written, AT, IpProtocol.ICMPV6);
        Ipv6.setHopLimit(written, AT, 255);
        Ipv6.setSource(written, AT, 0x2001_0DB8_0000_0000L, 1);
        Ipv6.setDestination(written, AT, 0xFE80_0000_0000_0000L, 0xFEDC_BA98_7654_3210L);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void anIpv6HeaderThatContradictsItselfOrThePacketDoesNotFit() {
        assertThat(fitsIpv6("60000000 0001")).isTrue();
        assertThat(fitsIpv6("50000000 0001")).as("version 5").isFalse();
        assertThat(fitsIpv6("60000000 0002")).as("payload beyond the packet").isFalse();
    }

    private boolean fitsIpv6(String start) {
        return Ipv6.fits(memory.atEnd(Hexdump.bytes("000000" + start + "00".repeat(35))), AT);
    }

    @Test
    void theHopLimitNeverReachesZero() {
        long packet = memory.atEnd(ValidFrames.ipv6().udp(1, 2).build());
        Ipv6.setHopLimit(packet, 14, 2);
        assertThat(Ipv6.decrementHopLimit(packet, 14)).isTrue();
        assertThat(Ipv6.decrementHopLimit(packet, 14)).isFalse();
        assertThat(Ipv6.hopLimit(packet, 14)).isEqualTo(1);
    }

    @Test
    void icmpFieldsAreWhereTheRfcHasThem() {
        byte[] bytes = Hexdump.bytes("000000 08 01 f234 fabc fdef");
        long packet = memory.atEnd(bytes);
        assertThat(Icmp.fits(packet, AT)).isTrue();
        assertThat(Icmp.type(packet, AT)).isEqualTo(Icmp.ECHO_REQUEST);
        assertThat(Icmp.code(packet, AT)).isEqualTo(1);
        assertThat(Icmp.checksum(packet, AT)).isEqualTo(0xF234);
        assertThat(Icmp.identifier(packet, AT)).isEqualTo(0xFABC);
        assertThat(Icmp.sequence(packet, AT)).isEqualTo(0xFDEF);

        long written = memory.atStart(new byte[bytes.length]);
        Icmp.setType(written, AT, Icmp.ECHO_REQUEST);
        Icmp.setCode(written, AT, 1);
        Icmp.setChecksum(written, AT, 0xF234);
        Icmp.setIdentifier(written, AT, 0xFABC);
        Icmp.setSequence(written, AT, 0xFDEF);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void udpFieldsAreWhereTheRfcHasThem() {
        byte[] bytes = Hexdump.bytes("000000 fffe 0035 0009 fabc 55");
        long packet = memory.atEnd(bytes);
        assertThat(Udp.fits(packet, AT)).isTrue();
        assertThat(Udp.sourcePort(packet, AT)).isEqualTo(0xFFFE);
        assertThat(Udp.destinationPort(packet, AT)).isEqualTo(53);
        assertThat(Udp.length(packet, AT)).isEqualTo(9);
        assertThat(Udp.checksum(packet, AT)).isEqualTo(0xFABC);

        long written = memory.atStart(Hexdump.bytes("000000 0000 0000 0000 0000 55"));
        Udp.setSourcePort(written, AT, 0xFFFE);
        Udp.setDestinationPort(written, AT, 53);
        Udp.setLength(written, AT, 9);
        Udp.setChecksum(written, AT, 0xFABC);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void aUdpLengthBelowTheHeaderOrBeyondThePacketDoesNotFit() {
        for (int length : new int[] {0, 7, 10, 0xFFFF}) {
            long packet = memory.atEnd(Hexdump.bytes("000000 fffe 0035 0009 fabc 55"));
            Udp.setLength(packet, AT, length);
            assertThat(Udp.fits(packet, AT)).as("length %d", length).isFalse();
        }
    }

    @Test
    void tcpFieldsAreWhereTheRfcHasThem() {
        byte[] bytes = Hexdump.bytes("""
                000000
                fffe 0050 fedcba98 89abcdef
                60 d2 fffd fabc f00f 01010101
                """);
        long packet = memory.atEnd(bytes);
        assertThat(Tcp.fits(packet, AT)).isTrue();
        assertThat(Tcp.sourcePort(packet, AT)).isEqualTo(0xFFFE);
        assertThat(Tcp.destinationPort(packet, AT)).isEqualTo(80);
        assertThat(Tcp.sequence(packet, AT)).isEqualTo(0xFEDC_BA98);
        assertThat(Tcp.acknowledgment(packet, AT)).isEqualTo(0x89AB_CDEF);
        assertThat(Tcp.headerLength(packet, AT)).isEqualTo(24);
        assertThat(Tcp.flags(packet, AT)).isEqualTo(Tcp.CWR | Tcp.ECE | Tcp.ACK | Tcp.SYN);
        assertThat(Tcp.window(packet, AT)).isEqualTo(0xFFFD);
        assertThat(Tcp.checksum(packet, AT)).isEqualTo(0xFABC);
        assertThat(Tcp.urgent(packet, AT)).isEqualTo(0xF00F);

        long written = memory.atStart(Hexdump.bytes("000000" + "00".repeat(20) + "01010101"));
        Tcp.setSourcePort(written, AT, 0xFFFE);
        Tcp.setDestinationPort(written, AT, 80);
        Tcp.setSequence(written, AT, 0xFEDC_BA98);
        Tcp.setAcknowledgment(written, AT, 0x89AB_CDEF);
        Tcp.setHeaderLength(written, AT, 24);
        Tcp.setFlags(written, AT, Tcp.CWR | Tcp.ECE | Tcp.ACK | Tcp.SYN);
        Tcp.setWindow(written, AT, 0xFFFD);
        Tcp.setChecksum(written, AT, 0xFABC);
        Tcp.setUrgent(written, AT, 0xF00F);
        Hexdump.assertSame(Packet.bytes(written), bytes);
    }

    @Test
    void aTcpDataOffsetBelowFiveOrBeyondThePacketDoesNotFit() {
        long packet = memory.atEnd(ValidFrames.ipv4().tcp(1, 2, 3, 4, 0).build());
        for (int words = 0; words < 16; words++) {
            Tcp.setHeaderLength(packet, 34, words * 4);
            assertThat(Tcp.fits(packet, 34)).as("%d words", words).isEqualTo(words == 5);
        }
    }
}
