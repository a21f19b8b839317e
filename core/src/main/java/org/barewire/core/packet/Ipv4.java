package org.barewire.core.packet;

/// An IPv4 header (RFC 791, 3.1). Addresses are `int`s; {@link IpAddress} reads and writes them for people.
public final class Ipv4 {
    private static final int VERSION_IHL = 0;
    private static final int TOS = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int ID = 4;
    private static final int FRAGMENT = 6;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;

    /// Without options.
    public static final int HEADER_LENGTH = 20;

    public static final int MAX_HEADER_LENGTH = 60;

    /// Of {@link #flags}.
    public static final int DONT_FRAGMENT = 2;
    /// Of {@link #flags}.
    public static final int MORE_FRAGMENTS = 1;

    private Ipv4() {}

    /// Whether it is an IPv4 header, with its options within the packet, and its total length covers the
    /// header and no more than the packet; so that no accessor fails.
    public static boolean fits(long packet, int offset) {
        if (!Bounds.fit(packet, offset, HEADER_LENGTH)) {
            return false;
        }
        int start = Packet.getInt(packet, offset); // read once: version, header length, class, total length
        int header = start >>> 22 & 0x3C;
        int total = start & 0xFFFF;
        return start >>> 28 == 4
                && header >= HEADER_LENGTH
                && Bounds.fit(packet, offset, header)
                && total >= header
                && total <= Bounds.remaining(packet, offset);
    }

    /// 4.
    public static int version(long packet, int offset) {
        return Packet.getByte(packet, offset + VERSION_IHL) >>> 4;
    }

    /// Bytes, with options.
    public static int headerLength(long packet, int offset) {
        return (Packet.getByte(packet, offset + VERSION_IHL) & 0xF) << 2;
    }

    /// Writes the version, 4, and the header length.
    ///
    /// @param bytes 20 to 60, a multiple of 4
    public static void setHeaderLength(long packet, int offset, int bytes) {
        Packet.setByte(packet, offset + VERSION_IHL, 0x40 | bytes >>> 2);
    }

    /// Differentiated services code point, 0 to 63 (RFC 2474).
    public static int dscp(long packet, int offset) {
        return Packet.getByte(packet, offset + TOS) >>> 2;
    }

    /// Explicit congestion notification, 0 to 3 (RFC 3168, 5).
    public static int ecn(long packet, int offset) {
        return Packet.getByte(packet, offset + TOS) & 3;
    }

    public static void setTrafficClass(long packet, int offset, int dscp, int ecn) {
        Packet.setByte(packet, offset + TOS, dscp << 2 | ecn);
    }

    /// Bytes of header and payload; what follows in the packet is padding.
    public static int totalLength(long packet, int offset) {
        return Packet.getShort(packet, offset + TOTAL_LENGTH);
    }

    public static void setTotalLength(long packet, int offset, int bytes) {
        Packet.setShort(packet, offset + TOTAL_LENGTH, bytes);
    }

    public static int id(long packet, int offset) {
        return Packet.getShort(packet, offset + ID);
    }

    public static void setId(long packet, int offset, int id) {
        Packet.setShort(packet, offset + ID, id);
    }

    /// {@link #DONT_FRAGMENT} and {@link #MORE_FRAGMENTS}.
    public static int flags(long packet, int offset) {
        return Packet.getByte(packet, offset + FRAGMENT) >>> 5;
    }

    /// Bytes: where this fragment's payload belongs in the whole one.
    public static int fragmentOffset(long packet, int offset) {
        return (Packet.getShort(packet, offset + FRAGMENT) & 0x1FFF) << 3;
    }

    /// Writes the flags and the fragment offset.
    ///
    /// @param flags          {@link #DONT_FRAGMENT}, {@link #MORE_FRAGMENTS}
    /// @param fragmentOffset bytes, a multiple of 8 up to 65528
    public static void setFragment(long packet, int offset, int flags, int fragmentOffset) {
        Packet.setShort(packet, offset + FRAGMENT, flags << 13 | fragmentOffset >>> 3);
    }

    /// Whether it is a part of a datagram, the first one included.
    public static boolean isFragment(long packet, int offset) {
        return (Packet.getShort(packet, offset + FRAGMENT) & 0x3FFF) != 0;
    }

    public static int ttl(long packet, int offset) {
        return Packet.getByte(packet, offset + TTL);
    }

    public static void setTtl(long packet, int offset, int ttl) {
        Packet.setByte(packet, offset + TTL, ttl);
    }

    /// Does what a router must (RFC 1812, 5.3.1): lowers the time to live and adjusts the checksum. False,
    /// and nothing changed, if the packet has come to its end.
    public static boolean decrementTtl(long packet, int offset) {
        int before = Packet.getShort(packet, offset + TTL);
        if (before < 0x200) {
            return false;
        }
        int after = before - 0x100;
        Packet.setShort(packet, offset + TTL, after);
        setChecksum(packet, offset, Checksum.update(checksum(packet, offset), before, after));
        return true;
    }

    /// One of {@link IpProtocol}.
    public static int protocol(long packet, int offset) {
        return Packet.getByte(packet, offset + PROTOCOL);
    }

    public static void setProtocol(long packet, int offset, int protocol) {
        Packet.setByte(packet, offset + PROTOCOL, protocol);
    }

    /// What the header says that its checksum is.
    public static int checksum(long packet, int offset) {
        return Packet.getShort(packet, offset + CHECKSUM);
    }

    public static void setChecksum(long packet, int offset, int checksum) {
        Packet.setShort(packet, offset + CHECKSUM, checksum);
    }

    /// Computes the header's checksum and writes it.
    public static void fillChecksum(long packet, int offset) {
        setChecksum(packet, offset, 0);
        setChecksum(packet, offset, Checksum.of(packet, offset, headerLength(packet, offset)));
    }

    public static boolean isChecksumValid(long packet, int offset) {
        return Checksum.sum(packet, offset, headerLength(packet, offset)) == 0xFFFF;
    }

    public static int source(long packet, int offset) {
        return Packet.getInt(packet, offset + SOURCE);
    }

    public static void setSource(long packet, int offset, int address) {
        Packet.setInt(packet, offset + SOURCE, address);
    }

    public static int destination(long packet, int offset) {
        return Packet.getInt(packet, offset + DESTINATION);
    }

    public static void setDestination(long packet, int offset, int address) {
        Packet.setInt(packet, offset + DESTINATION, address);
    }
}
