package org.barewire.core.packet;

/// An ICMP or ICMPv6 message (RFC 792, RFC 4443, 2.1), with the fields of an echo (RFC 4443, 4.1 and 4.2).
public final class Icmp {
    private static final int TYPE = 0;
    private static final int CODE = 1;
    static final int CHECKSUM = 2;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;

    /// The part that every message has: type, code, checksum and four bytes that depend on the type.
    public static final int HEADER_LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int UNREACHABLE = 3;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;

    public static final int V6_UNREACHABLE = 1;
    public static final int V6_PACKET_TOO_BIG = 2;
    public static final int V6_TIME_EXCEEDED = 3;
    public static final int V6_ECHO_REQUEST = 128;
    public static final int V6_ECHO_REPLY = 129;
    public static final int V6_NEIGHBOR_SOLICITATION = 135;
    public static final int V6_NEIGHBOR_ADVERTISEMENT = 136;

    private Icmp() {}

    /// Whether the header is there, so that no accessor fails.
    public static boolean fits(long packet, int offset) {
        return Bounds.fit(packet, offset, HEADER_LENGTH);
    }

    public static int type(long packet, int offset) {
        return Packet.getByte(packet, offset + TYPE);
    }

    public static void setType(long packet, int offset, int type) {
        Packet.setByte(packet, offset + TYPE, type);
    }

    public static int code(long packet, int offset) {
        return Packet.getByte(packet, offset + CODE);
    }

    public static void setCode(long packet, int offset, int code) {
        Packet.setByte(packet, offset + CODE, code);
    }

    public static int checksum(long packet, int offset) {
        return Packet.getShort(packet, offset + CHECKSUM);
    }

    public static void setChecksum(long packet, int offset, int checksum) {
        Packet.setShort(packet, offset + CHECKSUM, checksum);
    }

    /// Of an echo: which ping it belongs to.
    public static int identifier(long packet, int offset) {
        return Packet.getShort(packet, offset + IDENTIFIER);
    }

    public static void setIdentifier(long packet, int offset, int identifier) {
        Packet.setShort(packet, offset + IDENTIFIER, identifier);
    }

    /// Of an echo: its number.
    public static int sequence(long packet, int offset) {
        return Packet.getShort(packet, offset + SEQUENCE);
    }

    public static void setSequence(long packet, int offset, int sequence) {
        Packet.setShort(packet, offset + SEQUENCE, sequence);
    }
}
