package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DATA_VALID;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_CSUM;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_TSO4;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_TSO6;
import static org.barewire.drivers.vhost.VirtioNet.GSO_ECN;
import static org.barewire.drivers.vhost.VirtioNet.GSO_NONE;
import static org.barewire.drivers.vhost.VirtioNet.GSO_TCPV4;
import static org.barewire.drivers.vhost.VirtioNet.GSO_TCPV6;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_CSUM_OFFSET;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_CSUM_START;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_FLAGS;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_GSO_SIZE;
import static org.barewire.drivers.vhost.VirtioNet.HEADER_GSO_TYPE;
import static org.barewire.drivers.vhost.VirtioNet.NEEDS_CSUM;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.Tcp;

/// Translates the header in front of a received packet (5.1.6.4) to metadata.
///
/// A packet with a partial checksum never crossed a wire: it is reported as good, and asks, should it be
/// sent on, for its checksum to be completed; one that has not been cut into segments yet asks for that,
/// too.
final class RxHeader {
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;

    private final boolean checksums;
    private final boolean longIpv4;
    private final boolean longIpv6;

    RxHeader(long features) {
        this.checksums = (features & F_GUEST_CSUM) != 0;
        this.longIpv4 = checksums && (features & F_GUEST_TSO4) != 0;
        this.longIpv6 = checksums && (features & F_GUEST_TSO6) != 0;
    }

    /// True if packets get metadata.
    boolean describes() {
        return checksums;
    }

    /// True if a packet may be longer than the MTU, because it has not been cut yet.
    boolean isLong(long packet, int headerLength) {
        return (longIpv4 || longIpv6)
                && Memory.getByte(Packet.address(packet) - headerLength + HEADER_GSO_TYPE) != GSO_NONE;
    }

    /// The packet with metadata, or 0 if the header contradicts the packet or what was negotiated.
    long describe(long packet, long header) {
        int flags = Memory.getByte(header + HEADER_FLAGS);
        int type = Memory.getByte(header + HEADER_GSO_TYPE) & ~GSO_ECN & 0xFF;
        long described = Packet.hasMetadata(packet) ? packet : Metadata.begin(packet);
        if (type != GSO_NONE) {
            boolean possible =
                    (flags & NEEDS_CSUM) != 0 && (type == GSO_TCPV4 ? longIpv4 : type == GSO_TCPV6 && longIpv6);
            return possible && describePartial(described, header, type) ? described : 0;
        }
        if ((flags & NEEDS_CSUM) != 0) {
            return describePartial(described, header, type) ? described : 0;
        }
        Metadata.setFlags(described, (flags & DATA_VALID) != 0 ? Metadata.L4_CHECKSUM_GOOD : 0);
        return described;
    }

    /// Says which checksum is partial, and where; false if it is not one of TCP or UDP within the first
    /// segment.
    private static boolean describePartial(long packet, long header, int type) {
        int start = Memory.getShort(header + HEADER_CSUM_START) & 0xFFFF;
        int offset = Memory.getShort(header + HEADER_CSUM_OFFSET) & 0xFFFF;
        int link = Ethernet.HEADER_LENGTH;
        if (Packet.length(packet) < start + offset + 2 || start < link + 20) {
            return false;
        }
        int etherType = Ethernet.type(packet);
        if (etherType == EtherType.VLAN) {
            link += 4;
            etherType = Packet.getShort(packet, link - 2);
        }
        boolean ipv6 = etherType == EtherType.IPV6;
        if (!ipv6 && etherType != EtherType.IPV4 || start < link + (ipv6 ? 40 : 20)) {
            return false;
        }
        int flags = Metadata.L4_CHECKSUM_GOOD | (ipv6 ? Metadata.SEND_IPV6 : 0);
        if (type != GSO_NONE) {
            return offset == TCP_CHECKSUM
                    && ipv6 == (type == GSO_TCPV6)
                    && describeLong(packet, header, link, start, flags);
        }
        if (offset != TCP_CHECKSUM && offset != UDP_CHECKSUM) {
            return false;
        }
        boolean tcp = offset == TCP_CHECKSUM;
        Metadata.setHeaderLengths(packet, link, start - link, tcp ? 20 : 8);
        Metadata.setFlags(packet, flags | (tcp ? Metadata.SEND_TCP_CHECKSUM : Metadata.SEND_UDP_CHECKSUM));
        return true;
    }

    private static boolean describeLong(long packet, long header, int link, int start, int flags) {
        int size = Memory.getShort(header + HEADER_GSO_SIZE) & 0xFFFF;
        int transport = Packet.length(packet) < start + 20 ? 0 : Tcp.headerLength(packet, start);
        int field = start + TCP_CHECKSUM;
        if (size == 0 || transport < 20 || start + transport > Packet.length(packet)) {
            return false;
        }
        // Metadata wants the pseudo-header's sum without the length, virtio has it with it (5.1.6.2).
        int length = Metadata.totalLength(packet) - start;
        Packet.setShort(packet, field, Checksum.add(Packet.getShort(packet, field), ~length & 0xFFFF));
        Metadata.setHeaderLengths(packet, link, start - link, transport);
        Metadata.setSegmentSize(packet, size);
        Metadata.setFlags(packet, flags | Metadata.SEND_TCP_SEGMENTATION);
        return true;
    }
}
