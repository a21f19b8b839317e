package org.barewire.core.packet;

/// A UDP header (RFC 768).
public final class Udp {
    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int LENGTH = 4;
    static final int CHECKSUM = 6;

    public static final int HEADER_LENGTH = 8;

    private Udp() {}

    /// Whether the header is there and its length covers it and no more than the packet, so that no accessor
    /// fails. Jumbograms (RFC 2675) do not fit.
    public static boolean fits(long packet, int offset) {
        if (!Bounds.fit(packet, offset, HEADER_LENGTH)) {
            return false;
        }
        int length = length(packet, offset);
        return length >= HEADER_LENGTH && length <= Bounds.remaining(packet, offset);
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

    /// Bytes of header and payload.
    public static int length(long packet, int offset) {
        return Packet.getShort(packet, offset + LENGTH);
    }

    public static void setLength(long packet, int offset, int bytes) {
        Packet.setShort(packet, offset + LENGTH, bytes);
    }

    /// 0 says that the sender did not compute it, which only IPv4 allows; see {@link Checksum}.
    public static int checksum(long packet, int offset) {
        return Packet.getShort(packet, offset + CHECKSUM);
    }

    public static void setChecksum(long packet, int offset, int checksum) {
        Packet.setShort(packet, offset + CHECKSUM, checksum);
    }
}
