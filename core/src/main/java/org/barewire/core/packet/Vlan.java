package org.barewire.core.packet;

/// A VLAN tag's four bytes after the {@link EtherType} that announces it: tag control information and the
/// type of what follows (IEEE 802.1Q, 9.6). The first tag of a frame is at {@link Ethernet#HEADER_LENGTH}.
public final class Vlan {
    private static final int CONTROL = 0;
    private static final int TYPE = 2;

    public static final int HEADER_LENGTH = 4;

    private static final int ADDRESSES = 12; // bytes of an Ethernet header in front of a tag

    private Vlan() {}

    /// Whether the tag is there, so that no accessor fails.
    public static boolean fits(long packet, int offset) {
        return Bounds.fit(packet, offset, HEADER_LENGTH);
    }

    /// Tag control information of its parts.
    ///
    /// @param priority 0 to 7
    /// @param id       0 to 4094; 0 is a tag that has only a priority
    public static int control(int priority, boolean dropEligible, int id) {
        return priority << 13 | (dropEligible ? 1 << 12 : 0) | id;
    }

    /// Tag control information: priority (3 bits), drop eligible (1 bit), id (12 bits).
    public static int control(long packet, int offset) {
        return Packet.getShort(packet, offset + CONTROL);
    }

    public static void setControl(long packet, int offset, int control) {
        Packet.setShort(packet, offset + CONTROL, control);
    }

    /// 0 to 7.
    public static int priority(long packet, int offset) {
        return control(packet, offset) >>> 13;
    }

    public static boolean isDropEligible(long packet, int offset) {
        return (control(packet, offset) & 1 << 12) != 0;
    }

    /// 0 to 4095.
    public static int id(long packet, int offset) {
        return control(packet, offset) & 0xFFF;
    }

    /// Changes the id and leaves priority and drop eligibility.
    public static void setId(long packet, int offset, int id) {
        setControl(packet, offset, control(packet, offset) & 0xF000 | id);
    }

    /// The {@link EtherType} of what follows the tag, which may be another one.
    public static int type(long packet, int offset) {
        return Packet.getShort(packet, offset + TYPE);
    }

    public static void setType(long packet, int offset, int type) {
        Packet.setShort(packet, offset + TYPE, type);
    }

    /// The packet with a tag put in front of whatever follows its addresses; takes four bytes of headroom.
    ///
    /// @param packet  an Ethernet frame; must not be used any more
    /// @param type    {@link EtherType#VLAN} or {@link EtherType#PROVIDER_VLAN}
    /// @param control see {@link #control(int, boolean, int)}
    /// @throws IndexOutOfBoundsException if there is no headroom left; nothing has changed then
    public static long push(long packet, int type, int control) {
        long tagged = Packet.push(packet, HEADER_LENGTH);
        Packet.copy(tagged, HEADER_LENGTH, tagged, 0, ADDRESSES);
        Packet.setInt(tagged, ADDRESSES, type << 16 | control & 0xFFFF);
        return tagged;
    }

    /// The packet without its outermost tag, which becomes headroom.
    ///
    /// @param packet a frame whose {@link Ethernet#type} is a tag's, and the tag {@linkplain #fits fits};
    ///     must not be used any more
    public static long pop(long packet) {
        Packet.copy(packet, 0, packet, HEADER_LENGTH, ADDRESSES);
        return Packet.pull(packet, HEADER_LENGTH);
    }
}
