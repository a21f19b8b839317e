package org.barewire.core.packet;

/// The Ethernet header at the start of a packet (IEEE 802.3, 3.1.1).
///
/// Addresses are 48-bit numbers, the first byte on the wire in bits 47 to 40; {@link
/// org.barewire.core.packet.MacAddress} reads and writes them for people.
public final class Ethernet {
    private static final int DESTINATION = 0;
    private static final int SOURCE = 6;
    private static final int TYPE = 12;

    public static final int HEADER_LENGTH = 14;

    private Ethernet() {}

    /// Whether the header is there, so that no accessor fails.
    public static boolean fits(long packet) {
        return Packet.length(packet) >= HEADER_LENGTH;
    }

    public static long destination(long packet) {
        return Packet.getLong(packet, DESTINATION) >>> 16;
    }

    public static void setDestination(long packet, long address) {
        Packet.setInt(packet, DESTINATION, (int) (address >>> 16));
        Packet.setShort(packet, DESTINATION + 4, (int) address);
    }

    public static long source(long packet) {
        return Packet.getLong(packet, SOURCE) >>> 16;
    }

    public static void setSource(long packet, long address) {
        Packet.setInt(packet, SOURCE, (int) (address >>> 16));
        Packet.setShort(packet, SOURCE + 4, (int) address);
    }

    /// Sends the packet back where it came from.
    public static void swapAddresses(long packet) {
        long destination = destination(packet);
        long source = source(packet);
        Packet.setLong(packet, DESTINATION, source << 16 | destination >>> 32);
        Packet.setInt(packet, SOURCE + 2, (int) destination);
    }

    /// The {@link EtherType} of what follows, which may be a {@link Vlan} tag.
    public static int type(long packet) {
        return Packet.getShort(packet, TYPE);
    }

    public static void setType(long packet, int type) {
        Packet.setShort(packet, TYPE, type);
    }

    /// Whether the destination is a group address, broadcast included (IEEE 802.3, 3.2.3).
    public static boolean isMulticast(long packet) {
        return (Packet.getByte(packet, DESTINATION) & 1) != 0;
    }
}
