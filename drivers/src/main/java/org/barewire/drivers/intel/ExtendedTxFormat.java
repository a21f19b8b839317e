package org.barewire.drivers.intel;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;

/// Extended descriptors of the 8254x and the 82574 (8254x manual, 3.3.6 and 3.3.7; 82574 datasheet, 7.2.5 to
/// 7.2.7).
final class ExtendedTxFormat extends TxFormat {
    private static final int LONGEST_CUT = 1 << 20; // PAYLEN has 20 bits
    private static final int IPV4_CHECKSUM = 10;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int LAST_HEADER = 255 - TCP_CHECKSUM; // TUCSO has 8 bits

    ExtendedTxFormat(boolean insertsTags) {
        super(
                Descriptor.EXTENDED_TX_DTYP_DATA | Descriptor.TX_DEXT | Descriptor.TX_IFCS | Descriptor.TX_EOP,
                insertsTags,
                LONGEST_CUT,
                LAST_HEADER);
    }

    /// Headers are in one segment, so that {@link #prepare} finds them.
    @Override
    boolean isPossible(long packet, int total, int longest) {
        return super.isPossible(packet, total, longest)
                && (!Packet.hasMetadata(packet)
                        || (Metadata.flags(packet) & CHECKSUMS) == 0
                        || headers(packet) <= Packet.length(packet));
    }

    /// The device adds to what is in an IPv4 header's checksum field.
    @Override
    long prepare(long packet) {
        long prepared = super.prepare(packet);
        int flags = Packet.hasMetadata(prepared) ? Metadata.flags(prepared) : 0;
        if (fillsIpv4Checksum(flags)) {
            Memory.putShort(Packet.address(prepared) + Metadata.linkLength(prepared) + IPV4_CHECKSUM, (short) 0);
        }
        return prepared;
    }

    private static boolean fillsIpv4Checksum(int flags) {
        return (flags & Metadata.SEND_IPV4_CHECKSUM) != 0
                || (flags & (Metadata.SEND_TCP_SEGMENTATION | Metadata.SEND_IPV6)) == Metadata.SEND_TCP_SEGMENTATION;
    }

    @Override
    int needContext() {
        return CHECKSUMS;
    }

    @Override
    long contextLow(long packet, int flags) {
        long link = Metadata.linkLength(packet);
        long transport = link + Metadata.networkLength(packet);
        long field = (flags & Metadata.SEND_UDP_CHECKSUM) != 0 ? UDP_CHECKSUM : TCP_CHECKSUM;
        return link
                | link + IPV4_CHECKSUM << Descriptor.EXTENDED_IPCSO_SHIFT
                | transport - 1 << Descriptor.EXTENDED_IPCSE_SHIFT
                | transport << Descriptor.EXTENDED_TUCSS_SHIFT
                | transport + field << Descriptor.EXTENDED_TUCSO_SHIFT; // TUCSE 0: to the end
    }

    @Override
    long contextHigh(long packet, int flags) {
        long word = Descriptor.TX_DEXT;
        word |= (flags & Metadata.SEND_UDP_CHECKSUM) == 0 ? Descriptor.EXTENDED_CONTEXT_TCP : 0;
        word |= (flags & Metadata.SEND_IPV6) == 0 ? Descriptor.EXTENDED_CONTEXT_IPV4 : 0;
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) != 0) {
            word |= Descriptor.EXTENDED_TX_TSE
                    | total(packet) - headers(packet)
                    | (long) headers(packet) << Descriptor.EXTENDED_CONTEXT_HDRLEN_SHIFT
                    | (long) Metadata.segmentSize(packet) << Descriptor.CONTEXT_MSS_SHIFT;
        }
        return word;
    }

    @Override
    long options(long packet, int flags) {
        long options = 0;
        if ((flags & Metadata.SEND_VLAN) != 0) {
            options |= Descriptor.TX_VLE | (long) Metadata.vlan(packet) << Descriptor.EXTENDED_TX_VLAN_SHIFT;
        }
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) != 0) {
            options |= Descriptor.EXTENDED_TX_TSE;
        }
        if (fillsIpv4Checksum(flags)) {
            options |= Descriptor.TX_IXSM;
        }
        if ((flags & (CHECKSUMS & ~Metadata.SEND_IPV4_CHECKSUM)) != 0) {
            options |= Descriptor.TX_TXSM;
        }
        return options;
    }
}
