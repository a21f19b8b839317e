package org.barewire.core.packet;

/// A TCP header (RFC 9293, 3.1). Sequence numbers are `int`s that wrap around; {@link TcpOptions} finds the
/// options.
public final class Tcp {
    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGMENT = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    static final int CHECKSUM = 16;
    private static final int URGENT = 18;

    /// Without options.
    public static final int HEADER_LENGTH = 20;

    public static final int MAX_HEADER_LENGTH = 60;

    public static final int FIN = 1;
    public static final int SYN = 1 << 1;
    public static final int RST = 1 << 2;
    public static final int PSH = 1 << 3;
    public static final int ACK = 1 << 4;
    public static final int URG = 1 << 5;
    /// RFC 3168, 6.1.
    public static final int ECE = 1 << 6;
    /// RFC 3168, 6.1.
    public static final int CWR = 1 << 7;

    private Tcp() {}

    /// Whether the header is there with its options, so that no accessor fails, nor those of {@link
    /// TcpOptions}.
    public static boolean fits(long packet, int offset) {
        if (!Bounds.fit(packet, offset, HEADER_LENGTH)) {
            return false;
        }
        int header = headerLength(packet, offset);
        return header >= HEADER_LENGTH && Bounds.fit(packet, offset, header);
    }

    public static int sourcePort(long packet, int offset) {
        return Packet.getShort(packet, offset + SOURCE_PORT);
    }

    public static void setSourcePort(long packet, int offset, int port) {
        Packet.setShort(packet, offset + SOURCE_PORT, port);
    }

    public static int destinationPort(long packet, int offset) {
        return Packet.getShort(packet, offset + DESTINATION_PORT);
    }

    public static void setDestinationPort(long packet, int offset, int port) {
        Packet.setShort(packet, offset + DESTINATION_PORT, port);
    }

    public static int sequence(long packet, int offset) {
        return Packet.getInt(packet, offset + SEQUENCE);
    }

    public static void setSequence(long packet, int offset, int sequence) {
        Packet.setInt(packet, offset + SEQUENCE, sequence);
    }

    public static int acknowledgment(long packet, int offset) {
        return Packet.getInt(packet, offset + ACKNOWLEDGMENT);
    }

    public static void setAcknowledgment(long packet, int offset, int sequence) {
        Packet.setInt(packet, offset + ACKNOWLEDGMENT, sequence);
    }

    /// Bytes, with options: what the field for the data offset says.
    public static int headerLength(long packet, int offset) {
        return Packet.getByte(packet, offset + DATA_OFFSET) >>> 4 << 2;
    }

    /// Writes the data offset and clears the reserved bits beside it.
    ///
    /// @param bytes 20 to 60, a multiple of 4
    public static void setHeaderLength(long packet, int offset, int bytes) {
        Packet.setByte(packet, offset + DATA_OFFSET, bytes << 2);
    }

    /// {@link #FIN} to {@link #CWR}.
    public static int flags(long packet, int offset) {
        return Packet.getByte(packet, offset + FLAGS);
    }

    public static void setFlags(long packet, int offset, int flags) {
        Packet.setByte(packet, offset + FLAGS, flags);
    }

    /// As it is in the header, not scaled.
    public static int window(long packet, int offset) {
        return Packet.getShort(packet, offset + WINDOW);
    }

    public static void setWindow(long packet, int offset, int window) {
        Packet.setShort(packet, offset + WINDOW, window);
    }

    public static int checksum(long packet, int offset) {
        return Packet.getShort(packet, offset + CHECKSUM);
    }

    public static void setChecksum(long packet, int offset, int checksum) {
        Packet.setShort(packet, offset + CHECKSUM, checksum);
    }

    /// The urgent pointer; means something with {@link #URG} only.
    public static int urgent(long packet, int offset) {
        return Packet.getShort(packet, offset + URGENT);
    }

    public static void setUrgent(long packet, int offset, int pointer) {
        Packet.setShort(packet, offset + URGENT, pointer);
    }
}
