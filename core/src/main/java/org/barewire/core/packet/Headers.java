package org.barewire.core.packet;

/// What headers a packet has and where, found out in one pass and packed in one `long`.
///
/// ```java
/// long headers = Headers.parse(packet);
/// if (Headers.isUdp(headers) && Udp.destinationPort(packet, Headers.transportOffset(headers)) == 53) …
/// ```
///
/// ```
///  62  61  60  59─58  57─56    55─────52        51──────40     39────32   31──────16   15─────0
///   │   │   │    │    VLAN   transport header  network header  protocol   transport   EtherType
///   │   │   │    │    tags   (4-byte words)    (4-byte words)             length
///   │   │   │    └ none, IPv4, IPv6, ARP
///   │   │   └ fragment
///   │   └ malformed
///   └ routed
/// ```
///
/// Nothing in a packet makes {@link #parse} fail. What a header says it contains is believed only if it
/// `fits`: where {@link #isIpv4} is true the accessors of {@link Ipv4} are safe, where {@link #isTcp} is
/// true those of {@link Tcp}, and so on. Checksums are not looked at.
public final class Headers {
    /// No such offset.
    public static final int NONE = -1;

    /// VLAN tags that are looked behind.
    public static final int MAX_TAGS = 2;

    private static final int TRANSPORT_LENGTH_SHIFT = 16;
    private static final int PROTOCOL_SHIFT = 32;
    private static final int NETWORK_HEADER_SHIFT = 40;
    private static final int TRANSPORT_HEADER_SHIFT = 52;
    private static final int TAGS_SHIFT = 56;
    private static final long KIND = 3L << 58;
    private static final long IPV4 = 1L << 58;
    private static final long IPV6 = 2L << 58;
    private static final long ARP = 3L << 58;
    private static final long FRAGMENT = 1L << 60;
    private static final long MALFORMED = 1L << 61;
    private static final long ROUTED = 1L << 62;

    private Headers() {}

    /// Finds out what headers a packet has, beginning with Ethernet's.
    public static long parse(long packet) {
        if (!Ethernet.fits(packet)) {
            return MALFORMED;
        }
        int type = Ethernet.type(packet);
        int network = Ethernet.HEADER_LENGTH;
        int tags = 0;
        while (EtherType.isVlan(type) && tags < MAX_TAGS && Vlan.fits(packet, network)) {
            type = Vlan.type(packet, network);
            network += Vlan.HEADER_LENGTH;
            tags++;
        }
        long link = (long) tags << TAGS_SHIFT | type;
        return switch (type) {
            case EtherType.IPV4 -> link | ipv4(packet, network);
            case EtherType.IPV6 -> link | ipv6(packet, network);
            case EtherType.ARP -> link | arp(packet, network);
            default -> EtherType.isVlan(type) && tags < MAX_TAGS ? link | MALFORMED : link;
        };
    }

    /// The {@link EtherType} behind the VLAN tags; a tag's own type if there are more than {@link #MAX_TAGS}.
    public static int etherType(long headers) {
        return (int) headers & 0xFFFF;
    }

    /// VLAN tags, 0 to {@link #MAX_TAGS}. The first one is at {@link Ethernet#HEADER_LENGTH}, the second
    /// behind it.
    public static int vlanTags(long headers) {
        return (int) (headers >>> TAGS_SHIFT) & 3;
    }

    public static boolean isIpv4(long headers) {
        return (headers & KIND) == IPV4;
    }

    public static boolean isIpv6(long headers) {
        return (headers & KIND) == IPV6;
    }

    /// Whether it is an ARP packet about IPv4 over Ethernet.
    public static boolean isArp(long headers) {
        return (headers & KIND) == ARP;
    }

    /// Whether there is a TCP header that can be read: not in fragments.
    public static boolean isTcp(long headers) {
        return hasTransport(headers, IpProtocol.TCP);
    }

    /// Whether there is a UDP header that can be read: not in fragments.
    public static boolean isUdp(long headers) {
        return hasTransport(headers, IpProtocol.UDP);
    }

    /// Whether there is an ICMP header on IPv4, or an ICMPv6 one on IPv6: not in fragments.
    public static boolean isIcmp(long headers) {
        return hasTransport(headers, isIpv4(headers) ? IpProtocol.ICMP : IpProtocol.ICMPV6);
    }

    /// Whether it is a part of an IP datagram, the first one included. What it has behind the network header
    /// is not looked at.
    public static boolean isFragment(long headers) {
        return (headers & FRAGMENT) != 0;
    }

    /// Whether a header that the one in front of it announces does not `fit`. What comes before is
    /// found nevertheless.
    public static boolean isMalformed(long headers) {
        return (headers & MALFORMED) != 0;
    }

    /// Whether an IPv6 routing header has segments left, so that the transport checksum cannot be told (RFC
    /// 8200, 8.1).
    public static boolean isRouted(long headers) {
        return (headers & ROUTED) != 0;
    }

    /// Where what Ethernet carries begins: behind the VLAN tags.
    public static int networkOffset(long headers) {
        return Ethernet.HEADER_LENGTH + vlanTags(headers) * Vlan.HEADER_LENGTH;
    }

    /// Bytes of the IP header with options and extension headers, or of the ARP packet; 0 if there is none.
    public static int networkHeaderLength(long headers) {
        return ((int) (headers >>> NETWORK_HEADER_SHIFT) & 0xFFF) << 2;
    }

    /// What IP carries: one of {@link IpProtocol}, behind IPv6's extension headers. Of fragments too; 0 if it
    /// is not IP.
    public static int protocol(long headers) {
        return (int) (headers >>> PROTOCOL_SHIFT) & 0xFF;
    }

    /// Where what IP carries begins, whether or not it can be read.
    public static int transportOffset(long headers) {
        return networkOffset(headers) + networkHeaderLength(headers);
    }

    /// Bytes of the TCP, UDP or ICMP header; 0 if there is none or it cannot be read.
    public static int transportHeaderLength(long headers) {
        return ((int) (headers >>> TRANSPORT_HEADER_SHIFT) & 0xF) << 2;
    }

    /// Bytes that IP carries, or UDP's length: transport header and payload, without Ethernet's padding. 0 if
    /// it is not IP.
    public static int transportLength(long headers) {
        return (int) (headers >>> TRANSPORT_LENGTH_SHIFT) & 0xFFFF;
    }

    /// Where the payload begins: behind the last header that was found.
    public static int payloadOffset(long headers) {
        return transportOffset(headers) + transportHeaderLength(headers);
    }

    /// Bytes of what IP carries behind the transport header; 0 if it is not IP.
    public static int payloadLength(long headers) {
        return transportLength(headers) - transportHeaderLength(headers);
    }

    /// Where the TCP, UDP, ICMP or ICMPv6 checksum is within the packet, or {@link #NONE}: if there is no
    /// such header that can be read, or the packet {@linkplain #isRouted is routed}.
    public static int checksumOffset(long headers) {
        if (transportHeaderLength(headers) == 0 || isRouted(headers)) {
            return NONE;
        }
        int field = switch (protocol(headers)) {
            case IpProtocol.TCP -> Tcp.CHECKSUM;
            case IpProtocol.UDP -> Udp.CHECKSUM;
            default -> Icmp.CHECKSUM;
        };
        return transportOffset(headers) + field;
    }

    private static boolean hasTransport(long headers, int protocol) {
        return transportHeaderLength(headers) != 0 && protocol(headers) == protocol;
    }

    private static long arp(long packet, int network) {
        return Arp.fits(packet, network) ? ARP | (long) Arp.HEADER_LENGTH >>> 2 << NETWORK_HEADER_SHIFT : MALFORMED;
    }

    private static long ipv4(long packet, int network) {
        if (!Ipv4.fits(packet, network)) {
            return MALFORMED;
        }
        int header = Ipv4.headerLength(packet, network);
        int length = Ipv4.totalLength(packet, network) - header;
        int protocol = Ipv4.protocol(packet, network);
        long found = IPV4 | ip(header, protocol);
        return Ipv4.isFragment(packet, network)
                ? found | FRAGMENT | carried(length)
                : found | transport(packet, network + header, length, protocol, IpProtocol.ICMP);
    }

    private static long ipv6(long packet, int network) {
        if (!Ipv6.fits(packet, network)) {
            return MALFORMED;
        }
        long extensions = Ipv6Extensions.walk(packet, network);
        int transport = Ipv6Extensions.end(extensions);
        int header = transport - network;
        int length = Ipv6.HEADER_LENGTH + Ipv6.payloadLength(packet, network) - header;
        int protocol = Ipv6Extensions.protocol(extensions);
        long found = IPV6 | ip(header, protocol) | (Ipv6Extensions.isRouted(extensions) ? ROUTED : 0);
        if (Ipv6Extensions.isMalformed(extensions)) {
            return found | MALFORMED | carried(length);
        }
        return Ipv6Extensions.isFragment(extensions)
                ? found | FRAGMENT | carried(length)
                : found | transport(packet, transport, length, protocol, IpProtocol.ICMPV6);
    }

    /// @param icmp the kind of ICMP that belongs to the kind of IP
    private static long transport(long packet, int offset, int length, int protocol, int icmp) {
        int header;
        int own = length;
        if (protocol == IpProtocol.TCP) {
            header = Tcp.fits(packet, offset) ? Tcp.headerLength(packet, offset) : 0;
        } else if (protocol == IpProtocol.UDP) {
            header = Udp.fits(packet, offset) ? Udp.HEADER_LENGTH : 0;
            own = header == 0 ? length : Udp.length(packet, offset);
        } else if (protocol == icmp) {
            header = Icmp.fits(packet, offset) ? Icmp.HEADER_LENGTH : 0;
        } else {
            return carried(length);
        }
        // The header fits in the packet; it must also fit in what IP says it carries.
        return header == 0 || header > length || own > length
                ? MALFORMED | carried(length)
                : (long) header >>> 2 << TRANSPORT_HEADER_SHIFT | carried(own);
    }

    private static long ip(int header, int protocol) {
        return (long) header >>> 2 << NETWORK_HEADER_SHIFT | (long) protocol << PROTOCOL_SHIFT;
    }

    private static long carried(int length) {
        return (long) length << TRANSPORT_LENGTH_SHIFT;
    }
}
