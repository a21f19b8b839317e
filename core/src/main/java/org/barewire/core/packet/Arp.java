package org.barewire.core.packet;

/// An ARP packet that maps IPv4 addresses to Ethernet ones (RFC 826).
///
/// Protocol addresses are IPv4 addresses as `int`s, hardware addresses 48-bit numbers as in {@link Ethernet}.
public final class Arp {
    private static final int SPACES = 0; // hardware and protocol space and their address lengths
    private static final int OPERATION = 6;
    private static final int SENDER_HARDWARE = 8;
    private static final int SENDER_PROTOCOL = 14;
    private static final int TARGET_HARDWARE = 18;
    private static final int TARGET_PROTOCOL = 24;

    public static final int HEADER_LENGTH = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    /// Ethernet (1), IPv4 (0x0800), 6 and 4 bytes.
    private static final long IPV4_OVER_ETHERNET = 0x0001_0800_0604L;

    private Arp() {}

    /// Whether it is there and about IPv4 over Ethernet, so that no accessor fails.
    public static boolean fits(long packet, int offset) {
        return Bounds.fit(packet, offset, HEADER_LENGTH)
                && Packet.getLong(packet, offset + SPACES) >>> 16 == IPV4_OVER_ETHERNET;
    }

    /// Writes what says that the packet is about IPv4 over Ethernet, and the operation.
    public static void begin(long packet, int offset, int operation) {
        Packet.setLong(packet, offset + SPACES, IPV4_OVER_ETHERNET << 16 | operation);
    }

    /// {@link #REQUEST}, {@link #REPLY} or something else.
    public static int operation(long packet, int offset) {
        return Packet.getShort(packet, offset + OPERATION);
    }

    public static void setOperation(long packet, int offset, int operation) {
        Packet.setShort(packet, offset + OPERATION, operation);
    }

    public static long senderHardware(long packet, int offset) {
        return Packet.getLong(packet, offset + SENDER_HARDWARE) >>> 16;
    }

    public static int senderProtocol(long packet, int offset) {
        return Packet.getInt(packet, offset + SENDER_PROTOCOL);
    }

    public static void setSender(long packet, int offset, long hardware, int protocol) {
        Packet.setInt(packet, offset + SENDER_HARDWARE, (int) (hardware >>> 16));
        Packet.setShort(packet, offset + SENDER_HARDWARE + 4, (int) hardware);
        Packet.setInt(packet, offset + SENDER_PROTOCOL, protocol);
    }

    public static long targetHardware(long packet, int offset) {
        return Packet.getLong(packet, offset + TARGET_HARDWARE) >>> 16;
    }

    public static int targetProtocol(long packet, int offset) {
        return Packet.getInt(packet, offset + TARGET_PROTOCOL);
    }

    public static void setTarget(long packet, int offset, long hardware, int protocol) {
        Packet.setInt(packet, offset + TARGET_HARDWARE, (int) (hardware >>> 16));
        Packet.setShort(packet, offset + TARGET_HARDWARE + 4, (int) hardware);
        Packet.setInt(packet, offset + TARGET_PROTOCOL, protocol);
    }

    /// Turns a request into the reply that says that the address asked for is at `hardware`. The Ethernet
    /// header is the caller's.
    public static void reply(long packet, int offset, long hardware) {
        int asked = targetProtocol(packet, offset);
        setOperation(packet, offset, REPLY);
        setTarget(packet, offset, senderHardware(packet, offset), senderProtocol(packet, offset));
        setSender(packet, offset, hardware, asked);
    }
}
