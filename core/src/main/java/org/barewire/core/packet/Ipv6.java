package org.barewire.core.packet;

/// An IPv6 header (RFC 8200, 3). Addresses are two `long`s, the first eight bytes in the high one; {@link
/// IpAddress} reads and writes them for people. {@link Ipv6Extensions} finds what follows.
public final class Ipv6 {
    private static final int VERSION_CLASS_FLOW = 0;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    public static final int HEADER_LENGTH = 40;

    private Ipv6() {}

    /// Whether it is an IPv6 header and its payload lies within the packet, so that no accessor fails.
    public static boolean fits(long packet, int offset) {
        return Bounds.fit(packet, offset, HEADER_LENGTH)
                && version(packet, offset) == 6
                && HEADER_LENGTH + payloadLength(packet, offset) <= Bounds.remaining(packet, offset);
    }

    /// 6.
    public static int version(long packet, int offset) {
        return Packet.getByte(packet, offset + VERSION_CLASS_FLOW) >>> 4;
    }

    /// Code point (6 bits) and congestion notification (2 bits), as in {@link Ipv4}.
    public static int trafficClass(long packet, int offset) {
        return Packet.getInt(packet, offset + VERSION_CLASS_FLOW) >>> 20 & 0xFF;
    }

    /// 20 bits (RFC 6437).
    public static int flowLabel(long packet, int offset) {
        return Packet.getInt(packet, offset + VERSION_CLASS_FLOW) & 0xFFFFF;
    }

    /// Writes the version, 6, the traffic class (8 bits) and the flow label (20 bits).
    public static void begin(long packet, int offset, int trafficClass, int flowLabel) {
        Packet.setInt(packet, offset + VERSION_CLASS_FLOW, 6 << 28 | trafficClass << 20 | flowLabel);
    }

    /// Bytes after this header, extension headers included; what follows in the packet is padding.
    public static int payloadLength(long packet, int offset) {
        return Packet.getShort(packet, offset + PAYLOAD_LENGTH);
    }

    public static void setPayloadLength(long packet, int offset, int bytes) {
        Packet.setShort(packet, offset + PAYLOAD_LENGTH, bytes);
    }

    /// One of {@link IpProtocol}.
    public static int nextHeader(long packet, int offset) {
        return Packet.getByte(packet, offset + NEXT_HEADER);
    }

    public static void setNextHeader(long packet, int offset, int protocol) {
        Packet.setByte(packet, offset + NEXT_HEADER, protocol);
    }

    public static int hopLimit(long packet, int offset) {
        return Packet.getByte(packet, offset + HOP_LIMIT);
    }

    public static void setHopLimit(long packet, int offset, int hops) {
        Packet.setByte(packet, offset + HOP_LIMIT, hops);
    }

    /// Does what a router must (RFC 8200, 3). False, and nothing changed, if the packet has come to its end.
    public static boolean decrementHopLimit(long packet, int offset) {
        int hops = hopLimit(packet, offset);
        if (hops < 2) {
            return false;
        }
        setHopLimit(packet, offset, hops - 1);
        return true;
    }

    public static long sourceHigh(long packet, int offset) {
        return Packet.getLong(packet, offset + SOURCE);
    }

    public static long sourceLow(long packet, int offset) {
        return Packet.getLong(packet, offset + SOURCE + 8);
    }

    public static void setSource(long packet, int offset, long high, long low) {
        Packet.setLong(packet, offset + SOURCE, high);
        Packet.setLong(packet, offset + SOURCE + 8, low);
    }

    public static long destinationHigh(long packet, int offset) {
        return Packet.getLong(packet, offset + DESTINATION);
    }

    public static long destinationLow(long packet, int offset) {
        return Packet.getLong(packet, offset + DESTINATION + 8);
    }

    public static void setDestination(long packet, int offset, long high, long low) {
        Packet.setLong(packet, offset + DESTINATION, high);
        Packet.setLong(packet, offset + DESTINATION + 8, low);
    }
}
