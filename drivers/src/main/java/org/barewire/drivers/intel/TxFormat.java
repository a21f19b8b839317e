package org.barewire.drivers.intel;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.Vlan;

/// How a packet and its offload requests are put into transmit descriptors. The device keeps the last context
/// of a queue, so one is written only when it differs from the one before.
abstract class TxFormat {
    /// The most segments of one packet: the 82599's 40 descriptors on chip less WTHRESH, which is 0, less 2
    /// (82599 datasheet, 7.2.1.1). The 1 Gbit/s family takes as many.
    static final int MAX_SEGMENTS = 38;

    static final int CHECKSUMS = Metadata.SEND_IPV4_CHECKSUM
            | Metadata.SEND_TCP_CHECKSUM
            | Metadata.SEND_UDP_CHECKSUM
            | Metadata.SEND_TCP_SEGMENTATION;

    private static final int ETHERNET = 14;

    /// Second word of a packet's last descriptor, but for lengths and options.
    final long command;

    private final boolean insertsTags;
    private final int longestCut; // longer packets can't be cut
    private final int lastHeader; // where the transport header begins at the latest
    private boolean loaded;
    private long low;
    private long high;

    TxFormat(long command, boolean insertsTags, int longestCut, int lastHeader) {
        this.command = command;
        this.insertsTags = insertsTags;
        this.longestCut = longestCut;
        this.lastHeader = lastHeader;
    }

    /// The two words of the context that a packet needs.
    abstract long contextLow(long packet, int flags);

    abstract long contextHigh(long packet, int flags);

    /// Requests that are not asked for without a context.
    abstract int needContext();

    /// The bits that each of a packet's data descriptors needs beyond the command.
    abstract long options(long packet, int flags);

    /// True if the packet's requests need another context than the device has.
    final boolean needsContext(long packet, int flags) {
        return (flags & needContext()) != 0
                && !(loaded && low == contextLow(packet, flags) && high == contextHigh(packet, flags));
    }

    /// Writes the context that a packet needs and remembers that the device has it.
    final void writeContext(long descriptor, long packet, int flags) {
        low = contextLow(packet, flags);
        high = contextHigh(packet, flags);
        loaded = true;
        Memory.putLong(descriptor, low);
        Memory.putLong(descriptor + 8, high);
    }

    /// Does to a packet that {@link #isPossible} what the device does not do or wants done before.
    long prepare(long packet) {
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        if (insertsTags || (flags & Metadata.SEND_VLAN) == 0) {
            return packet;
        }
        Metadata.setFlags(packet, flags & ~Metadata.SEND_VLAN);
        Metadata.setHeaderLengths(
                packet,
                Metadata.linkLength(packet) + Vlan.HEADER_LENGTH,
                Metadata.networkLength(packet),
                Metadata.transportLength(packet));
        return Vlan.push(packet, EtherType.VLAN, Metadata.vlan(packet));
    }

    /// True if a packet of `total` bytes in all can be sent as its metadata asks.
    ///
    /// @param longest the longest frame that may leave
    boolean isPossible(long packet, int total, int longest) {
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        int tag = (flags & Metadata.SEND_VLAN) == 0 || insertsTags ? 0 : Vlan.HEADER_LENGTH;
        if (tag > 0 && (Packet.headroom(packet) < tag || Packet.length(packet) < ETHERNET)) {
            return false;
        }
        if ((flags & CHECKSUMS) != 0) {
            int network = Metadata.networkLength(packet);
            int link = Metadata.linkLength(packet) + tag;
            if (link < ETHERNET
                    || link > 127 // MACLEN and IPLEN have 7 and 9 bits
                    || network < Ipv4.HEADER_LENGTH
                    || network > 511
                    || link + network > lastHeader
                    || headers(packet) > total) {
                return false;
            }
        }
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) == 0) {
            return total + tag <= longest;
        }
        int transport = Metadata.transportLength(packet);
        int size = Metadata.segmentSize(packet);
        return transport >= 20
                && transport <= 60
                && size > 0
                && headers(packet) < Math.min(total, Packet.length(packet) + 1)
                && headers(packet) + size + tag <= longest
                && total < longestCut;
    }

    /// Bytes in all segments.
    static int total(long packet) {
        int total = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            total += Packet.length(segment);
        }
        return total;
    }

    static int headers(long packet) {
        return Metadata.linkLength(packet) + Metadata.networkLength(packet) + Metadata.transportLength(packet);
    }
}
