package org.barewire.core.packet;

/// What an Ethernet frame carries (IANA's IEEE 802 numbers). Below {@link #MINIMUM} the field is a length
/// (IEEE 802.3, 3.2.6).
public final class EtherType {
    public static final int MINIMUM = 0x0600;

    public static final int IPV4 = 0x0800;
    public static final int ARP = 0x0806;
    /// A customer's VLAN tag (IEEE 802.1Q).
    public static final int VLAN = 0x8100;
    public static final int IPV6 = 0x86DD;
    public static final int MPLS = 0x8847;
    /// A provider's VLAN tag, outside a customer's (IEEE 802.1ad).
    public static final int PROVIDER_VLAN = 0x88A8;
    public static final int LLDP = 0x88CC;
    public static final int PTP = 0x88F7;

    private EtherType() {}

    /// Whether a {@link Vlan} tag follows.
    public static boolean isVlan(int type) {
        return type == VLAN || type == PROVIDER_VLAN;
    }
}
