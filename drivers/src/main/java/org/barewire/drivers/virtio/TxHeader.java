package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.F_CSUM;
import static org.barewire.drivers.vhost.VirtioNet.F_HOST_TSO4;
import static org.barewire.drivers.vhost.VirtioNet.F_HOST_TSO6;
import static org.barewire.drivers.vhost.VirtioNet.GSO_TCPV4;
import static org.barewire.drivers.vhost.VirtioNet.GSO_TCPV6;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_CSUM_OFFSET;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_CSUM_START;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_FLAGS;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_GSO_SIZE;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_GSO_TYPE;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_LENGTH;
import static org.barewire.drivers.vhost.VirtioNet.NEEDS_CSUM;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.Segmentation;

/// Translates a packet's offload requests to the header in front of it (5.1.6.2).
///
/// The device completes TCP and UDP checksums and cuts long packets, as far as it has said that it can.
/// IPv4 header checksums and VLAN tags are done here, and so are checksums that the device can't do.
final class TxHeader {
    private static final int CHECKSUMS = Metadata.SEND_IPV4_CHECKSUM
            | Metadata.SEND_TCP_CHECKSUM
            | Metadata.SEND_UDP_CHECKSUM
            | Metadata.SEND_TCP_SEGMENTATION;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int TAG = 4;
    private static final int LONGEST_CUT = 65535;

    private final long features;
    private final int longest;

    /// @param longest the longest frame, without its check sequence, that may be sent
    TxHeader(long features, int longest) {
        this.features = features;
        this.longest = longest;
    }

    /// True if a packet of `total` bytes in all can be sent as its metadata asks.
    boolean isPossible(long packet, int total) {
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        if ((flags & Metadata.SEND_VLAN) != 0 && (Packet.headroom(packet) < TAG || Packet.length(packet) < 14)) {
            return false;
        }
        if ((flags & CHECKSUMS) == 0) {
            return true;
        }
        int link = Metadata.linkLength(packet);
        int network = Metadata.networkLength(packet);
        boolean udp = (flags & Metadata.SEND_UDP_CHECKSUM) != 0;
        boolean ipv4Only = (flags & CHECKSUMS) == Metadata.SEND_IPV4_CHECKSUM;
        int needed = link + network + (ipv4Only ? 0 : udp ? UDP_CHECKSUM + 2 : TCP_CHECKSUM + 2);
        if (link < Ethernet.HEADER_LENGTH || network < Ipv4.HEADER_LENGTH || needed > Packet.length(packet)) {
            return false;
        }
        return (flags & Metadata.SEND_TCP_SEGMENTATION) == 0 || isCutPossible(packet, flags, total);
    }

    private boolean isCutPossible(long packet, int flags, int total) {
        int transport = Metadata.transportLength(packet);
        int headers = Metadata.linkLength(packet) + Metadata.networkLength(packet) + transport;
        int size = Metadata.segmentSize(packet);
        long feature = (flags & Metadata.SEND_IPV6) != 0 ? F_HOST_TSO6 : F_HOST_TSO4;
        return (features & feature) != 0
                && transport >= 20
                && size > 0
                && headers <= Packet.length(packet)
                && headers + size <= longest
                && total <= LONGEST_CUT;
    }

    /// The longest that a packet may be in all, with these flags.
    int longest(int flags) {
        return (flags & Metadata.SEND_TCP_SEGMENTATION) != 0 ? LONGEST_CUT : longest;
    }

    /// Does what the device does not; the packet that is to be sent then. For one that is possible.
    long prepare(long packet, int total) {
        int flags = Metadata.flags(packet);
        int length =
                total - Metadata.linkLength(packet) - Metadata.networkLength(packet); // from the transport header on
        long tagged = (flags & Metadata.SEND_VLAN) != 0 ? insertTag(packet) : packet;
        if ((flags & CHECKSUMS) == 0) {
            return tagged;
        }
        int network = Metadata.linkLength(tagged);
        int transport = network + Metadata.networkLength(tagged);
        boolean cut = (flags & Metadata.SEND_TCP_SEGMENTATION) != 0;
        boolean ipv6 = (flags & Metadata.SEND_IPV6) != 0;
        if (cut) {
            Segmentation.fillLengths(tagged, ipv6, network, transport, transport + length);
        } else if (isPartial(flags) && (features & F_CSUM) == 0) {
            complete(tagged, flags, transport, length);
        }
        if ((flags & Metadata.SEND_IPV4_CHECKSUM) != 0 || cut && !ipv6) {
            Ipv4.setChecksum(tagged, network, 0);
            Ipv4.setChecksum(tagged, network, Checksum.of(tagged, network, transport - network));
        }
        return tagged;
    }

    /// Writes the header of a prepared packet, or of one without metadata.
    void write(long header, long packet, int headerLength) {
        Memory.putLong(header, 0);
        Memory.putInt(header + headerLength - 4, 0);
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        boolean cut = (flags & Metadata.SEND_TCP_SEGMENTATION) != 0;
        if (!cut && (!isPartial(flags) || (features & F_CSUM) == 0)) {
            return;
        }
        int start = Metadata.linkLength(packet) + Metadata.networkLength(packet);
        Memory.putByte(header + HEADER_FLAGS, (byte) NEEDS_CSUM);
        Memory.putShort(header + HEADER_CSUM_START, (short) start);
        Memory.putShort(header + HEADER_CSUM_OFFSET, (short) checksumOffset(flags));
        if (cut) {
            boolean ipv6 = (flags & Metadata.SEND_IPV6) != 0;
            Memory.putByte(header + HEADER_GSO_TYPE, (byte) (ipv6 ? GSO_TCPV6 : GSO_TCPV4));
            Memory.putShort(header + HEADER_LENGTH, (short) (start + Metadata.transportLength(packet)));
            Memory.putShort(header + HEADER_GSO_SIZE, (short) Metadata.segmentSize(packet));
        }
    }

    private static void complete(long packet, int flags, int transport, int length) {
        int checksum = ~Checksum.sum(packet, transport, length) & 0xFFFF;
        boolean none = checksum == 0 && (flags & Metadata.SEND_UDP_CHECKSUM) != 0; // 0: there is none (RFC 768)
        Packet.setShort(packet, transport + checksumOffset(flags), none ? 0xFFFF : checksum);
    }

    private static boolean isPartial(int flags) {
        return (flags & (Metadata.SEND_TCP_CHECKSUM | Metadata.SEND_UDP_CHECKSUM)) != 0;
    }

    private static int checksumOffset(int flags) {
        return (flags & Metadata.SEND_UDP_CHECKSUM) != 0 ? UDP_CHECKSUM : TCP_CHECKSUM;
    }

    private static long insertTag(long packet) {
        long tagged = Packet.push(packet, TAG);
        Packet.copy(tagged, TAG, tagged, 0, 12);
        Packet.setShort(tagged, 12, EtherType.VLAN);
        Packet.setShort(tagged, 14, Metadata.vlan(packet));
        Metadata.setHeaderLengths(
                tagged,
                Metadata.linkLength(packet) + TAG,
                Metadata.networkLength(packet),
                Metadata.transportLength(packet));
        return tagged;
    }
}
