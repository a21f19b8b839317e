package org.barewire.drivers.intel;

import org.barewire.core.packet.Metadata;

/// Advanced descriptors (82599 datasheet, 7.2.3.2.3 and 7.2.3.2.4; 82576 datasheet, 7.2.2.2 and 7.2.2.3).
final class AdvancedTxFormat extends TxFormat {
    static final long COMMAND = Descriptor.TX_DTYP_DATA | Descriptor.TX_DEXT | Descriptor.TX_IFCS | Descriptor.TX_EOP;

    private static final int LONGEST_CUT = 1 << 18; // PAYLEN has 18 bits
    private static final int LAST_HEADER = 127 + 511; // MACLEN has 7 bits, IPLEN 9

    AdvancedTxFormat(boolean insertsTags) {
        super(COMMAND, insertsTags, LONGEST_CUT, LAST_HEADER);
    }

    @Override
    int needContext() {
        return CHECKSUMS | Metadata.SEND_VLAN;
    }

    @Override
    long contextLow(long packet, int flags) {
        long vlan = (flags & Metadata.SEND_VLAN) == 0 ? 0 : (long) Metadata.vlan(packet);
        long link = (flags & CHECKSUMS) == 0 ? 14 : Metadata.linkLength(packet);
        return Metadata.networkLength(packet)
                | link << Descriptor.CONTEXT_MACLEN_SHIFT
                | vlan << Descriptor.CONTEXT_VLAN_SHIFT;
    }

    @Override
    long contextHigh(long packet, int flags) {
        long word = Descriptor.TX_DTYP_CONTEXT | Descriptor.TX_DEXT;
        if ((flags & Metadata.SEND_IPV6) == 0) {
            word |= Descriptor.CONTEXT_IPV4;
        }
        word |= (flags & Metadata.SEND_UDP_CHECKSUM) != 0 ? Descriptor.CONTEXT_L4T_UDP : Descriptor.CONTEXT_L4T_TCP;
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) != 0) {
            word |= (long) Metadata.transportLength(packet) << Descriptor.CONTEXT_L4LEN_SHIFT
                    | (long) Metadata.segmentSize(packet) << Descriptor.CONTEXT_MSS_SHIFT;
        }
        return word;
    }

    /// PAYLEN is the whole packet, or what follows its headers if it is to be cut.
    @Override
    long options(long packet, int flags) {
        long options = 0;
        int payload = total(packet);
        if ((flags & Metadata.SEND_VLAN) != 0) {
            options |= Descriptor.TX_VLE;
        }
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) != 0) {
            payload -= headers(packet);
            options |= Descriptor.TX_TSE | Descriptor.TX_TXSM;
            if ((flags & Metadata.SEND_IPV6) == 0) {
                options |= Descriptor.TX_IXSM;
            }
        }
        if ((flags & Metadata.SEND_IPV4_CHECKSUM) != 0) {
            options |= Descriptor.TX_IXSM;
        }
        if ((flags & (Metadata.SEND_TCP_CHECKSUM | Metadata.SEND_UDP_CHECKSUM)) != 0) {
            options |= Descriptor.TX_TXSM;
        }
        return options | (long) payload << Descriptor.TX_PAYLEN_SHIFT;
    }
}
