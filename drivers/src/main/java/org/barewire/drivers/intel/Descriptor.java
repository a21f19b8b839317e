package org.barewire.drivers.intel;

// A descriptor's layout is a table: spotless:off

/// Descriptor formats of the 82599 (datasheet revision 3.3, 7.1.5, 7.1.6 and 7.2.3.2) and of the 1 Gbit/s
/// family before it: 16 bytes, two little-endian words of 64 bits each. Bit numbers count within the second
/// word unless a name says otherwise.
public final class Descriptor {
    public static final int BYTES = 16;

    // Legacy receive write-back (7.1.5): the first word keeps the buffer's address
    public static final long LEGACY_RX_DD = 1L << 32;
    public static final long LEGACY_RX_EOP = 1L << 33;
    public static final long LEGACY_RX_ERRORS = 0x01L << 40; // CE; the checksum errors above it are no frame errors
    public static final long LEGACY_RX_RXE = 0x20L << 40;

    // Advanced receive write-back (7.1.6.2)
    public static final long RX_DD = 1;
    public static final long RX_EOP = 1L << 1;
    public static final long RX_VP = 1L << 3;
    public static final long RX_UDPCS = 1L << 4; // UDP checksum looked at, and it is a fragment (7.1.6.2.5)
    public static final long RX_L4CS = 1L << 5; // L4 checksum looked at
    public static final long RX_IPCS = 1L << 6; // IPv4 checksum looked at
    public static final long RX_CE = 1L << 24; // error bits differ in the 1 Gbit/s family: see RxFormat
    public static final long RX_LE = 1L << 25;
    public static final long RX_PE = 1L << 26;
    public static final long RX_OSE = 1L << 27;
    public static final long RX_USE = 1L << 29;
    public static final long RX_L4E = 1L << 30;
    public static final long RX_IPE = 1L << 31;
    public static final int RX_LENGTH_SHIFT = 32;
    public static final int RX_VLAN_SHIFT = 48;
    public static final int RX_RSS_TYPE = 0xF; // first word
    public static final int RX_RSS_HASH_SHIFT = 32; // first word

    // Transmit, bits that legacy (7.2.3.2.2) and advanced descriptors (7.2.3.2.3, 7.2.3.2.4) share
    public static final long TX_EOP = 1L << 24;
    public static final long TX_IFCS = 1L << 25;
    public static final long TX_RS = 1L << 27;
    public static final long TX_DEXT = 1L << 29;
    public static final long TX_VLE = 1L << 30;
    public static final long TX_TSE = 1L << 31;
    public static final long TX_DD = 1L << 32;

    // Advanced transmit data (7.2.3.2.4)
    public static final long TX_DTYP_DATA = 3L << 20;
    public static final long TX_IXSM = 1L << 40;
    public static final long TX_TXSM = 1L << 41;
    public static final int TX_PAYLEN_SHIFT = 46;

    // Advanced transmit context (7.2.3.2.3); the first two are in the first word
    public static final int CONTEXT_MACLEN_SHIFT = 9;
    public static final int CONTEXT_VLAN_SHIFT = 16;
    public static final long TX_DTYP_CONTEXT = 2L << 20;
    public static final long CONTEXT_IPV4 = 1L << 10;
    public static final long CONTEXT_L4T_UDP = 0L << 11;
    public static final long CONTEXT_L4T_TCP = 1L << 11;
    public static final int CONTEXT_L4LEN_SHIFT = 40;
    public static final int CONTEXT_MSS_SHIFT = 48;

    // Extended transmit data and context of 8254x and 82574 (8254x manual revision 4.0, 3.3.6 and 3.3.7); the
    // first four are in the context's first word
    public static final int EXTENDED_IPCSO_SHIFT = 8;
    public static final int EXTENDED_IPCSE_SHIFT = 16;
    public static final int EXTENDED_TUCSS_SHIFT = 32;
    public static final int EXTENDED_TUCSO_SHIFT = 40;
    public static final long EXTENDED_TX_DTYP_DATA = 1L << 20;
    public static final long EXTENDED_CONTEXT_TCP = 1L << 24;
    public static final long EXTENDED_CONTEXT_IPV4 = 1L << 25;
    public static final long EXTENDED_TX_TSE = 1L << 26;
    public static final int EXTENDED_CONTEXT_HDRLEN_SHIFT = 40;
    public static final int EXTENDED_TX_VLAN_SHIFT = 48;

    private Descriptor() {}

    /// Address of a slot's descriptor.
    ///
    /// @param ring {@linkplain org.barewire.core.memory.Memory#bounded bounded}
    /// @param slot 0 to 65535
    public static long at(long ring, int slot) {
        return ring + ((slot & 0xFFFFL) << 4);
    }
}
