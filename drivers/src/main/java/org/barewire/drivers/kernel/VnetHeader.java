package org.barewire.drivers.kernel;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Ipv6;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.Segmentation;

/// The virtio-net header that the kernel puts in front of packets of tap devices and packet sockets
/// (`struct virtio_net_hdr` in `linux/virtio_net.h`; virtio 1.2, 5.1.6), and packets' {@link Metadata}.
///
/// A packet that the kernel hands over with work left to do, a checksum to fill in or a segmentation, gets
/// the metadata that asks for that work when it is sent: so it can go on to any device as it is. For who
/// reads it here its checksum counts as good: it has not been on a wire yet.
public final class VnetHeader {
    public static final int BYTES = 10;

    /// Types of segmentation: none, TCP over IPv4 and over IPv6, UDP.
    public static final int NONE = 0;

    public static final int TCP_IPV4 = 1;
    public static final int TCP_IPV6 = 4;
    public static final int UDP = 5;

    private static final int FLAGS = 0;
    private static final int TYPE = 1;
    private static final int HEADER_LENGTH = 2;
    private static final int SEGMENT_SIZE = 4;
    private static final int CHECKSUM_START = 6;
    private static final int CHECKSUM_OFFSET = 8;

    private static final int NEEDS_CHECKSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int CONGESTION = 0x80; // of the type: may be set besides it

    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final int ETHERNET = 14;

    private static final int WORK = Metadata.SEND_IPV4_CHECKSUM
            | Metadata.SEND_TCP_CHECKSUM
            | Metadata.SEND_UDP_CHECKSUM
            | Metadata.SEND_TCP_SEGMENTATION;

    private VnetHeader() {}

    /// Writes the header of a packet to which nothing is left to be done.
    public static void clear(long header) {
        Memory.putLong(header, 0);
        Memory.putShort(header + 8, (short) 0);
    }

    /// Whether the header says nothing at all: no work, no finding.
    public static boolean isPlain(long header) {
        return Memory.getShort(header) == 0;
    }

    /// The kind of segmentation that is left to be done: {@link #NONE} or one of the others.
    public static int type(long header) {
        return Memory.getByte(header + TYPE) & 0xFF & ~CONGESTION;
    }

    /// Payload bytes of each segment that the packet is to be cut into.
    public static int segmentSize(long header) {
        return Memory.getShort(header + SEGMENT_SIZE) & 0xFFFF;
    }

    /// Where the TCP or UDP header begins, if a checksum is left to be filled in; otherwise 0.
    public static int transportOffset(long header) {
        return (Memory.getByte(header + FLAGS) & NEEDS_CHECKSUM) == 0
                ? 0
                : Memory.getShort(header + CHECKSUM_START) & 0xFFFF;
    }

    /// Says how many bytes at the packet's front are headers. The kernel takes it as advice.
    public static void setHeaderLength(long header, int bytes) {
        Memory.putShort(header + HEADER_LENGTH, (short) bytes);
    }

    /// Writes the header for what a packet's metadata asks for. What no header can ask for, the IPv4 checksum,
    /// is done in the packet.
    ///
    /// @param total bytes in all segments
    /// @param tag   bytes that are put in front of the network header on the way: 4 for a VLAN tag, or 0
    /// @return false if the metadata does not fit the packet
    public static boolean ask(long header, long packet, int flags, int total, int tag) {
        clear(header);
        if ((flags & WORK) == 0) {
            return true;
        }
        int link = Metadata.linkLength(packet);
        int transport = link + Metadata.networkLength(packet);
        boolean segments = (flags & Metadata.SEND_TCP_SEGMENTATION) != 0;
        boolean udp = (flags & Metadata.SEND_UDP_CHECKSUM) != 0;
        int field = udp ? UDP_CHECKSUM : TCP_CHECKSUM;
        if (link < ETHERNET || !isHeader(packet, flags, link, transport)) {
            return false;
        }
        if (segments && !askForSegments(header, packet, flags, total, tag)) {
            return false;
        }
        if (segments || udp || (flags & Metadata.SEND_TCP_CHECKSUM) != 0) {
            if (transport + field + 2 > Packet.length(packet)) {
                return false;
            }
            Memory.putByte(header + FLAGS, (byte) NEEDS_CHECKSUM);
            Memory.putShort(header + CHECKSUM_START, (short) (transport + tag));
            Memory.putShort(header + CHECKSUM_OFFSET, (short) field);
        }
        if ((flags & Metadata.SEND_IPV6) == 0 && (segments || (flags & Metadata.SEND_IPV4_CHECKSUM) != 0)) {
            Ipv4.fillChecksum(packet, link);
        }
        return true;
    }

    /// Whether there is an IP header where the metadata says.
    private static boolean isHeader(long packet, int flags, int link, int transport) {
        if (transport > Packet.length(packet)) {
            return false;
        }
        return (flags & Metadata.SEND_IPV6) == 0
                ? transport - link >= Ipv4.HEADER_LENGTH && Ipv4.headerLength(packet, link) == transport - link
                : transport - link >= Ipv6.HEADER_LENGTH;
    }

    private static boolean askForSegments(long header, long packet, int flags, int total, int tag) {
        int link = Metadata.linkLength(packet);
        int transport = link + Metadata.networkLength(packet);
        int headers = transport + Metadata.transportLength(packet);
        int size = Metadata.segmentSize(packet);
        boolean ipv6 = (flags & Metadata.SEND_IPV6) != 0;
        int network = total - link - (ipv6 ? Ipv6.HEADER_LENGTH : 0);
        if (size == 0 || headers - transport < 20 || headers > Packet.length(packet) || network > 0xFFFF) {
            return false;
        }
        Segmentation.fillLengths(packet, ipv6, link, transport, total);
        Memory.putByte(header + TYPE, (byte) (ipv6 ? TCP_IPV6 : TCP_IPV4));
        Memory.putShort(header + HEADER_LENGTH, (short) (headers + tag));
        Memory.putShort(header + SEGMENT_SIZE, (short) size);
        return true;
    }

    /// Does what a header says is left to be done to a packet, or has its metadata ask for it.
    ///
    /// @param tag       bytes that have been put in front of the network header since: 4 for a VLAN tag, or 0
    /// @param describes true if metadata may be used; then the checksum is left as it is
    /// @return the packet, or 0 if the header does not fit it; it is then still the caller's
    public static long apply(long header, long packet, int tag, boolean describes) {
        int found = Memory.getByte(header + FLAGS);
        int type = type(header);
        if ((found & NEEDS_CHECKSUM) == 0) {
            if (type != NONE) {
                return 0;
            }
            return describes && (found & DATA_VALID) != 0 ? describe(packet, Metadata.L4_CHECKSUM_GOOD) : packet;
        }
        int start = (Memory.getShort(header + CHECKSUM_START) & 0xFFFF) + tag;
        int field = start + (Memory.getShort(header + CHECKSUM_OFFSET) & 0xFFFF);
        if (field + 2 > Packet.length(packet)) {
            return 0;
        }
        if (describes) {
            long headers = Headers.parse(packet);
            boolean known = Headers.isTcp(headers) || Headers.isUdp(headers);
            if (known && Headers.transportOffset(headers) == start && Headers.checksumOffset(headers) == field) {
                return type == NONE
                        ? leaveChecksum(packet, headers, 0)
                        : leaveSegments(packet, headers, type, segmentSize(header));
            }
        }
        if (type != NONE) {
            return 0;
        }
        fillChecksum(packet, start, field);
        return packet;
    }

    private static long leaveChecksum(long packet, long headers, int more) {
        int flags = Metadata.L4_CHECKSUM_GOOD | more;
        flags |= Headers.isTcp(headers) ? Metadata.SEND_TCP_CHECKSUM : Metadata.SEND_UDP_CHECKSUM;
        flags |= Headers.isIpv6(headers) ? Metadata.SEND_IPV6 : 0;
        long described = describe(packet, flags);
        Metadata.setHeaderLengths(
                described,
                Headers.networkOffset(headers),
                Headers.networkHeaderLength(headers),
                Headers.transportHeaderLength(headers));
        return described;
    }

    private static long leaveSegments(long packet, long headers, int type, int size) {
        if (!Headers.isTcp(headers) || size == 0 || (type == TCP_IPV6) != Headers.isIpv6(headers)) {
            return 0;
        }
        Checksum.fillPseudoHeaderForSegmentation(packet, headers);
        long described = leaveChecksum(packet, headers, Metadata.SEND_TCP_SEGMENTATION);
        Metadata.setSegmentSize(described, size);
        return described;
    }

    /// The field holds the pseudo-header's sum. 0 would say of UDP that there is no checksum (RFC 768).
    private static void fillChecksum(long packet, int start, int field) {
        int checksum = Checksum.of(packet, start, Packet.totalLength(packet) - start);
        boolean none = checksum == 0 && field - start == UDP_CHECKSUM;
        Packet.setShort(packet, field, none ? 0xFFFF : checksum);
    }

    private static long describe(long packet, int flags) {
        long described = Packet.hasMetadata(packet) ? packet : Metadata.begin(packet);
        Metadata.setFlags(described, Metadata.flags(described) | flags);
        return described;
    }
}
