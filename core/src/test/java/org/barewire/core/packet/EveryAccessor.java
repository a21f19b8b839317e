package org.barewire.core.packet;

/// Asks everything that can be asked about a packet, and changes everything that can be changed, wherever
/// `fits` allows it. Fails if any of that throws or if answers contradict each other.
final class EveryAccessor {
    private EveryAccessor() {}

    /// Reads all that {@link Headers} finds. The result depends on every answer, so none is optimized away.
    static long read(long packet) {
        long headers = Headers.parse(packet);
        requireSense(packet, headers);
        long seen = Ethernet.fits(packet)
                ? Ethernet.destination(packet) + Ethernet.source(packet) + Ethernet.type(packet)
                : 0;
        int network = Headers.networkOffset(headers);
        int transport = Headers.transportOffset(headers);
        for (int tag = 0; tag < Headers.vlanTags(headers); tag++) {
            seen += vlan(packet, Ethernet.HEADER_LENGTH + tag * Vlan.HEADER_LENGTH);
        }
        seen += Headers.isArp(headers) ? arp(packet, network) : 0;
        seen += Headers.isIpv4(headers) ? ipv4(packet, network) : 0;
        seen += Headers.isIpv6(headers) ? ipv6(packet, network) : 0;
        seen += Headers.isUdp(headers) ? udp(packet, transport) : 0;
        seen += Headers.isTcp(headers) ? tcp(packet, transport) : 0;
        seen += Headers.isIcmp(headers) ? icmp(packet, transport) : 0;
        return Checksum.isTransportValid(packet, headers) ? seen + 1 : seen;
    }

    /// Takes `offset` for the beginning of every header.
    static long readAt(long packet, int offset) {
        long seen = 0;
        seen += Vlan.fits(packet, offset) ? vlan(packet, offset) : 0;
        seen += Arp.fits(packet, offset) ? arp(packet, offset) : 0;
        seen += Ipv4.fits(packet, offset) ? ipv4(packet, offset) : 0;
        seen += Ipv6.fits(packet, offset) ? ipv6(packet, offset) : 0;
        seen += Udp.fits(packet, offset) ? udp(packet, offset) : 0;
        seen += Tcp.fits(packet, offset) ? tcp(packet, offset) : 0;
        seen += Icmp.fits(packet, offset) ? icmp(packet, offset) : 0;
        return seen;
    }

    /// Changes what can be changed without changing where headers are.
    static void write(long packet) {
        long headers = Headers.parse(packet);
        int network = Headers.networkOffset(headers);
        if (Ethernet.fits(packet)) {
            Ethernet.swapAddresses(packet);
            Ethernet.setSource(packet, Ethernet.destination(packet));
        }
        if (Headers.isArp(headers)) {
            Arp.reply(packet, network, 1);
        }
        if (Headers.isIpv4(headers)) {
            Ipv4.decrementTtl(packet, network);
            Ipv4.setDestination(packet, network, Ipv4.source(packet, network));
            Ipv4.fillChecksum(packet, network);
            require(Ipv4.isChecksumValid(packet, network), "an IPv4 checksum that was filled in is wrong");
        }
        if (Headers.isIpv6(headers)) {
            Ipv6.decrementHopLimit(packet, network);
            Ipv6.setDestination(packet, network, 1, 2);
        }
        Checksum.fillTransport(packet, headers);
        require(
                Checksum.isTransportValid(packet, headers) == (Headers.checksumOffset(headers) != Headers.NONE),
                "a transport checksum that was filled in is wrong");
        require(Headers.parse(packet) == headers, "changing fields has changed the headers");
        Checksum.fillPseudoHeader(packet, headers);
        Checksum.fillPseudoHeaderForSegmentation(packet, headers);
    }

    private static void requireSense(long packet, long headers) {
        int length = Packet.length(packet);
        int network = Headers.networkOffset(headers);
        int transport = Headers.transportOffset(headers);
        if (Headers.isIpv4(headers) || Headers.isIpv6(headers) || Headers.isArp(headers)) {
            require(transport <= length, "the network header ends beyond the packet");
            require(transport + Headers.transportLength(headers) <= length, "IP ends beyond the packet");
            require(Headers.payloadLength(headers) >= 0, "the transport header ends beyond IP");
        } else {
            require(transport == network, "a network header of no kind has a length");
            require(Headers.checksumOffset(headers) == Headers.NONE, "a checksum without a network header");
        }
        require(
                Headers.isMalformed(headers) || network <= length,
                "the link header ends beyond a packet that is not malformed");
        require(!Headers.isIpv4(headers) || Ipv4.fits(packet, network), "an IPv4 header that does not fit");
        require(!Headers.isIpv6(headers) || Ipv6.fits(packet, network), "an IPv6 header that does not fit");
        require(!Headers.isArp(headers) || Arp.fits(packet, network), "an ARP packet that does not fit");
        require(!Headers.isUdp(headers) || Udp.fits(packet, transport), "a UDP header that does not fit");
        require(!Headers.isTcp(headers) || Tcp.fits(packet, transport), "a TCP header that does not fit");
        require(!Headers.isIcmp(headers) || Icmp.fits(packet, transport), "an ICMP header that does not fit");
    }

    private static void require(boolean fact, String otherwise) {
        if (!fact) {
            throw new AssertionError(otherwise);
        }
    }

    private static long vlan(long packet, int at) {
        return (long) Vlan.priority(packet, at)
                + Vlan.id(packet, at)
                + Vlan.type(packet, at)
                + (Vlan.isDropEligible(packet, at) ? 1 : 0);
    }

    private static long arp(long packet, int at) {
        return Arp.operation(packet, at)
                + Arp.senderHardware(packet, at)
                + Arp.senderProtocol(packet, at)
                + Arp.targetHardware(packet, at)
                + Arp.targetProtocol(packet, at);
    }

    private static long ipv4(long packet, int at) {
        return (long) Ipv4.dscp(packet, at)
                + Ipv4.ecn(packet, at)
                + Ipv4.id(packet, at)
                + Ipv4.flags(packet, at)
                + Ipv4.fragmentOffset(packet, at)
                + Ipv4.ttl(packet, at)
                + Ipv4.protocol(packet, at)
                + Ipv4.checksum(packet, at)
                + Ipv4.source(packet, at)
                + Ipv4.destination(packet, at)
                + (Ipv4.isChecksumValid(packet, at) ? 1 : 0);
    }

    private static long ipv6(long packet, int at) {
        long extensions = Ipv6Extensions.walk(packet, at);
        int end = Ipv6Extensions.end(extensions);
        int fragment = Ipv6Extensions.fragmentHeader(extensions);
        int payloadEnd = at + Ipv6.HEADER_LENGTH + Ipv6.payloadLength(packet, at);
        require(end >= at + Ipv6.HEADER_LENGTH && end <= payloadEnd, "extension headers end beyond the payload");
        return Ipv6.trafficClass(packet, at)
                + Ipv6.flowLabel(packet, at)
                + Ipv6.hopLimit(packet, at)
                + Ipv6.sourceHigh(packet, at)
                + Ipv6.sourceLow(packet, at)
                + Ipv6.destinationHigh(packet, at)
                + Ipv6.destinationLow(packet, at)
                + (fragment == 0 ? 0 : fragment(packet, fragment));
    }

    private static long fragment(long packet, int at) {
        return (long) Ipv6Extensions.fragmentId(packet, at)
                + Ipv6Extensions.fragmentOffset(packet, at)
                + (Ipv6Extensions.hasMoreFragments(packet, at) ? 1 : 0);
    }

    private static long icmp(long packet, int at) {
        return (long) Icmp.type(packet, at)
                + Icmp.code(packet, at)
                + Icmp.checksum(packet, at)
                + Icmp.identifier(packet, at)
                + Icmp.sequence(packet, at);
    }

    private static long udp(long packet, int at) {
        return (long) Udp.sourcePort(packet, at)
                + Udp.destinationPort(packet, at)
                + Udp.length(packet, at)
                + Udp.checksum(packet, at);
    }

    private static long tcp(long packet, int at) {
        return Tcp.sourcePort(packet, at)
                + Tcp.destinationPort(packet, at)
                + Tcp.sequence(packet, at)
                + Tcp.acknowledgment(packet, at)
                + Tcp.flags(packet, at)
                + Tcp.window(packet, at)
                + Tcp.checksum(packet, at)
                + Tcp.urgent(packet, at)
                + tcpOptions(packet, at);
    }

    private static long tcpOptions(long packet, int at) {
        long seen = 0;
        int steps = 0;
        int option = TcpOptions.first(packet, at);
        while (option != TcpOptions.NONE) {
            seen += TcpOptions.kind(packet, option) + TcpOptions.length(packet, option);
            option = TcpOptions.next(packet, at, option);
            require(++steps <= 20, "more options than fit in a header");
        }
        for (int kind = TcpOptions.MSS; kind <= TcpOptions.TIMESTAMPS; kind++) {
            option = TcpOptions.find(packet, at, kind);
            seen += option == TcpOptions.NONE ? 0 : value(packet, option, kind);
        }
        return seen;
    }

    private static long value(long packet, int option, int kind) {
        return switch (kind) {
            case TcpOptions.MSS -> TcpOptions.mss(packet, option);
            case TcpOptions.WINDOW_SCALE -> TcpOptions.windowScale(packet, option);
            case TcpOptions.TIMESTAMPS ->
                TcpOptions.timestamp(packet, option) + TcpOptions.timestampEcho(packet, option);
            case TcpOptions.SACK -> {
                int last = TcpOptions.sackBlocks(packet, option) - 1;
                yield TcpOptions.sackLeft(packet, option, 0) + TcpOptions.sackRight(packet, option, last);
            }
            default -> 0;
        };
    }
}
