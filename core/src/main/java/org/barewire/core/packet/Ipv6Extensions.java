package org.barewire.core.packet;

/// The extension headers between an IPv6 header and what it carries (RFC 8200, 4): hop-by-hop and destination
/// options, routing, fragment and authentication.
///
/// ```java
/// long extensions = Ipv6Extensions.walk(packet, network);
/// if (Ipv6Extensions.protocol(extensions) == IpProtocol.TCP) …
/// ```
public final class Ipv6Extensions {
    // every extension header
    private static final int NEXT_HEADER = 0;
    private static final int LENGTH = 1;
    // routing (4.4)
    private static final int SEGMENTS_LEFT = 3;
    // fragment (4.5)
    private static final int FRAGMENT_OFFSET = 2;
    private static final int FRAGMENT_ID = 4;

    /// More headers than that are not followed: six are the most that RFC 8200, 4.1 has a use for.
    public static final int MAX_HEADERS = 7;

    private static final long FOLLOWED = 1L << IpProtocol.HOP_BY_HOP
            | 1L << IpProtocol.ROUTING
            | 1L << IpProtocol.FRAGMENT
            | 1L << IpProtocol.AUTHENTICATION
            | 1L << IpProtocol.DESTINATION_OPTIONS;

    // The result: the end in bits 0 to 15, the fragment header's offset in 16 to 31, protocol in 32 to 39.
    private static final int FRAGMENT_HEADER_SHIFT = 16;
    private static final int PROTOCOL_SHIFT = 32;
    private static final long FRAGMENT = 1L << 40;
    private static final long ROUTED = 1L << 41;
    private static final long MALFORMED = 1L << 42;

    private Ipv6Extensions() {}

    /// Follows the extension headers of an IPv6 header that {@linkplain Ipv6#fits fits}. Ends at the first
    /// header of another kind, at a fragment's header, or where the packet is malformed.
    public static long walk(long packet, int network) {
        int offset = network + Ipv6.HEADER_LENGTH;
        int end = Math.min(Packet.length(packet), offset + Ipv6.payloadLength(packet, network));
        int protocol = Ipv6.nextHeader(packet, network);
        long found = 0;
        for (int step = 0; isExtension(protocol) && (found & FRAGMENT) == 0; step++) {
            int length = length(packet, offset, end, protocol);
            // Hop-by-hop options come first, and a datagram is cut once (RFC 8200, 4.1).
            boolean misplaced = protocol == IpProtocol.HOP_BY_HOP && step != 0
                    || protocol == IpProtocol.FRAGMENT && fragmentHeader(found) != 0;
            if (length == 0 || step == MAX_HEADERS || misplaced) {
                found |= MALFORMED;
                break;
            }
            found |= look(packet, offset, protocol);
            protocol = Packet.getByte(packet, offset + NEXT_HEADER);
            offset += length;
        }
        return found | (long) protocol << PROTOCOL_SHIFT | offset;
    }

    /// What follows the extension headers: one of {@link IpProtocol}. In a fragment, what the first fragment
    /// has there.
    public static int protocol(long extensions) {
        return (int) (extensions >>> PROTOCOL_SHIFT) & 0xFF;
    }

    /// Where the extension headers end, within the packet. In a malformed packet, where the header begins
    /// that is wrong.
    public static int end(long extensions) {
        return (int) extensions & 0xFFFF;
    }

    /// Whether it is a part of a datagram, the first one included. A datagram in a single fragment (RFC 6946)
    /// is a whole one.
    public static boolean isFragment(long extensions) {
        return (extensions & FRAGMENT) != 0;
    }

    /// Where the fragment header begins within the packet, or 0 if there is none.
    public static int fragmentHeader(long extensions) {
        return (int) (extensions >>> FRAGMENT_HEADER_SHIFT) & 0xFFFF;
    }

    /// Whether a routing header has segments left: the destination address is not the final one, on which
    /// the checksum of what is carried depends (RFC 8200, 8.1).
    public static boolean isRouted(long extensions) {
        return (extensions & ROUTED) != 0;
    }

    /// Whether a header does not fit in the packet, is where it must not be, or is one too many.
    public static boolean isMalformed(long extensions) {
        return (extensions & MALFORMED) != 0;
    }

    /// Bytes: where a fragment's payload belongs in the whole one.
    ///
    /// @param fragmentHeader see {@link #fragmentHeader}
    public static int fragmentOffset(long packet, int fragmentHeader) {
        return Packet.getShort(packet, fragmentHeader + FRAGMENT_OFFSET) & 0xFFF8;
    }

    /// Whether it is not the last fragment.
    ///
    /// @param fragmentHeader see {@link #fragmentHeader}
    public static boolean hasMoreFragments(long packet, int fragmentHeader) {
        return (Packet.getShort(packet, fragmentHeader + FRAGMENT_OFFSET) & 1) != 0;
    }

    /// Equal for all fragments of a datagram.
    ///
    /// @param fragmentHeader see {@link #fragmentHeader}
    public static int fragmentId(long packet, int fragmentHeader) {
        return Packet.getInt(packet, fragmentHeader + FRAGMENT_ID);
    }

    private static boolean isExtension(int protocol) {
        return protocol < Long.SIZE && (FOLLOWED >>> protocol & 1) != 0;
    }

    /// Bytes of an extension header, or 0 if it does not end before `end`.
    private static int length(long packet, int offset, int end, int protocol) {
        if (end - offset < 8) {
            return 0;
        }
        int field = Packet.getByte(packet, offset + LENGTH);
        int length = switch (protocol) {
            case IpProtocol.FRAGMENT -> 8;
            case IpProtocol.AUTHENTICATION -> field == 0 ? 0 : (field + 2) * 4; // RFC 4302, 2.2
            default -> (field + 1) * 8;
        };
        return length <= end - offset ? length : 0;
    }

    private static long look(long packet, int offset, int protocol) {
        if (protocol == IpProtocol.FRAGMENT) {
            boolean part = fragmentOffset(packet, offset) != 0 || hasMoreFragments(packet, offset);
            return (long) offset << FRAGMENT_HEADER_SHIFT | (part ? FRAGMENT : 0);
        }
        boolean routed = protocol == IpProtocol.ROUTING && Packet.getByte(packet, offset + SEGMENTS_LEFT) != 0;
        return routed ? ROUTED : 0;
    }
}
