package org.barewire.drivers.ixgbe;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;

/// Translates a packet's offload requests into a context descriptor (7.2.3.2.3) and the options of its data
/// descriptors (7.2.3.2.4). The device keeps the last context of a queue, so one is written only when it
/// differs from the one before.
final class TxContext {
    /// The most segments of one packet: the 40 descriptors on chip less WTHRESH, which is 0, less 2 (7.2.1.1).
    static final int MAX_SEGMENTS = 38;

    /// PAYLEN has 18 bits (7.2.3.2.4).
    private static final int MAX_CUT = 1 << 18;

    private static final int CHECKSUMS = Metadata.SEND_IPV4_CHECKSUM
            | Metadata.SEND_TCP_CHECKSUM
            | Metadata.SEND_UDP_CHECKSUM
            | Metadata.SEND_TCP_SEGMENTATION;

    private boolean loaded;
    private long low;
    private long high;

    /// True if the packet's requests need another context than the device has.
    boolean isNeeded(long packet, int flags) {
        return (flags & (CHECKSUMS | Metadata.SEND_VLAN)) != 0
                && !(loaded && low == low(packet, flags) && high == high(packet, flags));
    }

    /// Writes the context that a packet needs and remembers that the device has it.
    void write(long descriptor, long packet, int flags) {
        low = low(packet, flags);
        high = high(packet, flags);
        loaded = true;
        Memory.putLong(descriptor, low);
        Memory.putLong(descriptor + 8, high);
    }

    private static long low(long packet, int flags) {
        long vlan = (flags & Metadata.SEND_VLAN) == 0 ? 0 : (long) Metadata.vlan(packet);
        long link = (flags & CHECKSUMS) == 0 ? 14 : Metadata.linkLength(packet);
        return Metadata.networkLength(packet)
                | link << Descriptor.CONTEXT_MACLEN_SHIFT
                | vlan << Descriptor.CONTEXT_VLAN_SHIFT;
    }

    private static long high(long packet, int flags) {
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

    /// The bits that a packet's data descriptors need.
    static long options(int flags) {
        long options = 0;
        if ((flags & Metadata.SEND_VLAN) != 0) {
            options |= Descriptor.TX_VLE;
        }
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) != 0) {
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
        return options;
    }

    /// PAYLEN: the whole packet, or what follows its headers if it is to be cut (7.2.3.2.4).
    static long payloadLength(long packet, int flags, int total) {
        long payload = (flags & Metadata.SEND_TCP_SEGMENTATION) == 0 ? total : total - headers(packet);
        return payload << Descriptor.TX_PAYLEN_SHIFT;
    }

    /// True if a packet of `total` bytes in all can be sent as its metadata asks.
    ///
    /// @param longest the longest frame that may leave
    static boolean isPossible(long packet, int total, int longest) {
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        if ((flags & CHECKSUMS) != 0) {
            int network = Metadata.networkLength(packet);
            int link = Metadata.linkLength(packet);
            if (link < 14 || link > 127 || network < 20 || network > 511 || headers(packet) > total) {
                return false;
            }
        }
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) == 0) {
            return total <= longest;
        }
        int transport = Metadata.transportLength(packet);
        int size = Metadata.segmentSize(packet);
        return transport >= 20
                && transport <= 60
                && size > 0
                && headers(packet) < Math.min(total, Packet.length(packet) + 1)
                && headers(packet) + size <= longest
                && total < MAX_CUT;
    }

    private static int headers(long packet) {
        return Metadata.linkLength(packet) + Metadata.networkLength(packet) + Metadata.transportLength(packet);
    }
}
