package org.barewire.drivers.vhost;

import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Ipv6;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.Tcp;
import org.barewire.core.packet.Vlan;
import org.barewire.drivers.Segmentation;

/// The header in front of each frame (5.1.6), which asks for checksums and segmentation, translated from and
/// to packets' metadata.
///
/// ```
/// first:   flags 8 │ GSO type 8 │ header length 16 │ GSO size 16 │ checksum start 16
/// second:  checksum offset 16 │ buffers 16
/// ```
final class NetHeader {
    /// The bits of the first word that ask for something.
    static final long REQUESTS = 0xFFFF;

    /// The second word of a frame in one buffer that asks for nothing.
    static final int ONE_BUFFER = 1 << 16;

    private static final int ADDRESSES = 12; // bytes of an Ethernet header in front of a tag
    private static final int CHECKSUMS =
            Metadata.SEND_TCP_CHECKSUM | Metadata.SEND_UDP_CHECKSUM | Metadata.SEND_TCP_SEGMENTATION;

    private final boolean driverFillsChecksums;
    private final boolean driverTakesLongIpv4;
    private final boolean driverTakesLongIpv6;

    long first; // what encode() found
    int second; // the same, without the number of buffers

    NetHeader(long features) {
        this.driverFillsChecksums = (features & VirtioNet.F_GUEST_CSUM) != 0;
        this.driverTakesLongIpv4 = (features & VirtioNet.F_GUEST_TSO4) != 0;
        this.driverTakesLongIpv6 = (features & VirtioNet.F_GUEST_TSO6) != 0;
    }

    /// Asks for nothing.
    void clear() {
        first = 0;
        second = 0;
    }

    /// Translates a driver's requests to metadata. A checksum that no metadata can ask for is filled in here.
    ///
    /// @param packet without metadata, or with metadata for its segments
    /// @return the packet with metadata, or 0 if the requests make no sense
    static long decode(long packet, long first, int second) {
        int gso = (int) (first >>> 8) & 0xFF & ~VirtioNet.GSO_ECN;
        boolean partial = (first & VirtioNet.NEEDS_CSUM) != 0;
        if (!partial) {
            return gso == VirtioNet.GSO_NONE ? packet : 0;
        }
        int start = (int) (first >>> 48);
        int field = start + (second & 0xFFFF);
        long headers = Headers.parse(packet);
        boolean known = (Headers.isTcp(headers) || Headers.isUdp(headers))
                && Headers.transportOffset(headers) == start
                && Headers.checksumOffset(headers) == field;
        if (known) {
            return request(packet, headers, gso, (int) (first >>> 32) & 0xFFFF);
        }
        boolean possible = gso == VirtioNet.GSO_NONE && field + 2 <= Packet.length(packet);
        if (!possible) {
            return 0;
        }
        Packet.setShort(packet, field, Checksum.of(packet, start, total(packet) - start));
        return packet;
    }

    private static long request(long packet, long headers, int gso, int segmentSize) {
        long described = Packet.hasMetadata(packet) ? packet : Metadata.begin(packet);
        int flags = Metadata.L4_CHECKSUM_GOOD | (Headers.isIpv6(headers) ? Metadata.SEND_IPV6 : 0);
        if (gso == VirtioNet.GSO_NONE) {
            flags |= Headers.isTcp(headers) ? Metadata.SEND_TCP_CHECKSUM : Metadata.SEND_UDP_CHECKSUM;
        } else if (segmentSize > 0 && Headers.isTcp(headers) && gso == gsoType(Headers.isIpv6(headers))) {
            flags |= Metadata.SEND_TCP_SEGMENTATION;
            Metadata.setSegmentSize(described, segmentSize);
            Checksum.fillPseudoHeaderForSegmentation(described, headers);
        } else {
            return 0;
        }
        Metadata.setFlags(described, flags);
        Metadata.setHeaderLengths(
                described,
                Headers.networkOffset(headers),
                Headers.networkHeaderLength(headers),
                Headers.transportHeaderLength(headers));
        return described;
    }

    private static int gsoType(boolean ipv6) {
        return ipv6 ? VirtioNet.GSO_TCPV6 : VirtioNet.GSO_TCPV4;
    }

    /// Translates a packet's requests to the two words, which are clear; does here what the driver's side
    /// can't. The packet's bytes change.
    ///
    /// @param packet with metadata
    /// @return the packet, which may have become longer, or 0 if what it asks for can't be had
    long encode(long packet) {
        int flags = Metadata.flags(packet);
        if ((flags & (CHECKSUMS | Metadata.SEND_IPV4_CHECKSUM)) != 0 && !encodeChecksums(packet, flags)) {
            return 0;
        }
        if ((flags & Metadata.L4_CHECKSUM_GOOD) != 0 && first == 0 && driverFillsChecksums) {
            first = VirtioNet.DATA_VALID;
        }
        return (flags & Metadata.SEND_VLAN) != 0 ? insertTag(packet) : packet;
    }

    private boolean encodeChecksums(long packet, int flags) {
        int network = Metadata.linkLength(packet);
        int transport = network + Metadata.networkLength(packet);
        boolean segmented = (flags & Metadata.SEND_TCP_SEGMENTATION) != 0;
        boolean ipv6 = (flags & Metadata.SEND_IPV6) != 0;
        if (network < Ethernet.HEADER_LENGTH || transport > Packet.length(packet)) {
            return false;
        }
        if (segmented && !makeWhole(packet, ipv6, network, transport)) {
            return false;
        }
        if ((flags & Metadata.SEND_IPV4_CHECKSUM) != 0 || segmented && !ipv6) {
            if (!Ipv4.fits(packet, network) || Ipv4.headerLength(packet, network) != transport - network) {
                return false;
            }
            Ipv4.fillChecksum(packet, network);
        }
        if ((flags & CHECKSUMS) == 0) {
            return true;
        }
        long headers = Headers.parse(packet);
        boolean tcp = (flags & Metadata.SEND_UDP_CHECKSUM) == 0;
        if (Headers.transportOffset(headers) != transport
                || !(tcp ? Headers.isTcp(headers) : Headers.isUdp(headers))
                || Headers.isRouted(headers)) {
            return false;
        }
        if (!driverFillsChecksums && !segmented) {
            Checksum.fillTransport(packet, headers);
            return true;
        }
        first = VirtioNet.NEEDS_CSUM | (long) transport << 48;
        second = Headers.checksumOffset(headers) - transport;
        if (segmented) {
            int size = Metadata.segmentSize(packet);
            first |= (long) gsoType(ipv6) << 8 | (long) Headers.payloadOffset(headers) << 16 | (long) size << 32;
        }
        return true;
    }

    /// Makes a packet that is to be cut one that the driver's side can take for a packet.
    private boolean makeWhole(long packet, boolean ipv6, int network, int transport) {
        int total = total(packet);
        int least = ipv6 ? Ipv6.HEADER_LENGTH : Ipv4.HEADER_LENGTH;
        if (Metadata.segmentSize(packet) == 0
                || !(ipv6 ? driverTakesLongIpv6 : driverTakesLongIpv4)
                || transport - network < least
                || transport + Tcp.HEADER_LENGTH > Packet.length(packet)
                || total - network - (ipv6 ? least : 0) > 0xFFFF) {
            return false;
        }
        Segmentation.fillLengths(packet, ipv6, network, transport, total);
        return true;
    }

    /// Puts the tag behind the addresses, which move into the headroom.
    private long insertTag(long packet) {
        if (Packet.headroom(packet) < Vlan.HEADER_LENGTH
                || Packet.length(packet) < Ethernet.HEADER_LENGTH
                || Packet.length(packet) > Packet.MAX_LENGTH - Vlan.HEADER_LENGTH) {
            return 0;
        }
        long tagged = Packet.push(packet, Vlan.HEADER_LENGTH);
        Packet.copy(tagged, Vlan.HEADER_LENGTH, tagged, 0, ADDRESSES);
        Packet.setInt(tagged, ADDRESSES, 0x8100 << 16 | Metadata.vlan(packet));
        if ((first & VirtioNet.NEEDS_CSUM) != 0) {
            first += (long) Vlan.HEADER_LENGTH << 48;
        }
        if ((first >>> 8 & 0xFF) != VirtioNet.GSO_NONE) {
            first += (long) Vlan.HEADER_LENGTH << 16;
        }
        return tagged;
    }

    static int total(long packet) {
        int total = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            total += Packet.length(segment);
        }
        return total;
    }
}
