package org.barewire.core.packet;

import org.barewire.core.memory.Memory;

/// What is known of a packet beside its bytes: offload requests and results, further segments. One cache line
/// at the start of the packet's slot, in use only when the packet's sign bit says so.
///
/// | bytes | field |
/// |---|---|
/// | 0–3 | flags |
/// | 4–5 | VLAN tag control information |
/// | 6–7 | segment size (MSS) for TCP segmentation |
/// | 8–9, 10–11, 12–13 | lengths of the link, network and transport headers |
/// | 16–19 | RSS hash |
/// | 20–23 | bytes in the segments behind this one |
/// | 24–31 | next segment (a packet), or 0 |
/// | 32–39 | time of arrival or departure in nanoseconds, of the port's clock |
/// | 56–63 | the pool's own |
///
/// Everything is in the machine's order. A setter belongs to the packet's owner; a getter of a packet without
/// metadata reads what was left there, so ask {@link Packet#hasMetadata} first.
public final class Metadata {
    /// Size of the metadata line.
    public static final int BYTES = 64;

    /// Receive: the device found the IPv4 header checksum right.
    public static final int IPV4_CHECKSUM_GOOD = 1;
    /// Receive: the device found the IPv4 header checksum wrong.
    public static final int IPV4_CHECKSUM_BAD = 1 << 1;
    /// Receive: the device found the TCP, UDP or SCTP checksum right.
    public static final int L4_CHECKSUM_GOOD = 1 << 2;
    /// Receive: the device found the TCP, UDP or SCTP checksum wrong.
    public static final int L4_CHECKSUM_BAD = 1 << 3;
    /// Receive: the device took a VLAN tag out; {@link #vlan} is its tag control information.
    public static final int VLAN_STRIPPED = 1 << 4;
    /// Receive: {@link #rssHash} is set.
    public static final int RSS_HASH = 1 << 5;
    /// {@link #timestampNanos} is set.
    public static final int TIMESTAMP = 1 << 6;

    /// Send: the device shall fill in the IPv4 header checksum. Needs the header lengths.
    public static final int SEND_IPV4_CHECKSUM = 1 << 16;
    /// Send: the device shall fill in the TCP checksum; the field holds the pseudo-header's sum. Needs header
    /// lengths.
    public static final int SEND_TCP_CHECKSUM = 1 << 17;
    /// Send: the device shall fill in the UDP checksum; the field holds the pseudo-header's sum. Needs header
    /// lengths.
    public static final int SEND_UDP_CHECKSUM = 1 << 18;
    /// Send: the device shall cut a long TCP packet into segments of {@link #segmentSize} payload bytes, each
    /// with checksums. Needs the header lengths; the TCP checksum field holds the pseudo-header's sum without
    /// the length. What the IP header says of the length does not matter.
    public static final int SEND_TCP_SEGMENTATION = 1 << 19;
    /// Send: the device shall insert a VLAN tag with {@link #vlan} as its tag control information.
    public static final int SEND_VLAN = 1 << 20;
    /// Send: the network header is IPv6; without this flag it is IPv4.
    public static final int SEND_IPV6 = 1 << 21;

    private static final int FLAGS = 0;
    private static final int VLAN = 4;
    private static final int SEGMENT_SIZE = 6;
    private static final int LINK_LENGTH = 8;
    private static final int NETWORK_LENGTH = 10;
    private static final int TRANSPORT_LENGTH = 12;
    private static final int RSS = 16;
    private static final int TAIL_LENGTH = 20;
    private static final int NEXT = 24;
    private static final int TIME = 32;
    static final int POOL_LINK = 56;

    private Metadata() {}

    /// The packet with its metadata in use and empty: no flags, no further segment.
    public static long begin(long packet) {
        long line = line(packet);
        for (int offset = 0; offset < POOL_LINK; offset += 8) {
            Memory.putLong(line + offset, 0);
        }
        return packet | Long.MIN_VALUE;
    }

    /// The packet with the metadata of another one, but no further segment.
    public static long copy(long from, long packet) {
        long source = line(from);
        long target = line(packet);
        for (int offset = 0; offset < POOL_LINK; offset += 8) {
            Memory.putLong(target + offset, Memory.getLong(source + offset));
        }
        Memory.putInt(target + TAIL_LENGTH, 0);
        Memory.putLong(target + NEXT, 0);
        return packet | Long.MIN_VALUE;
    }

    /// The packet with its metadata no longer in use. Further segments must have been released.
    public static long end(long packet) {
        return packet & Long.MAX_VALUE;
    }

    public static int flags(long packet) {
        return Memory.getInt(line(packet) + FLAGS);
    }

    public static void setFlags(long packet, int flags) {
        Memory.putInt(line(packet) + FLAGS, flags);
    }

    public static boolean has(long packet, int flag) {
        return packet < 0 && (flags(packet) & flag) != 0;
    }

    /// Priority (3 bits), drop eligible (1 bit), VLAN id (12 bits).
    public static int vlan(long packet) {
        return Memory.getShort(line(packet) + VLAN) & 0xFFFF;
    }

    public static void setVlan(long packet, int tagControlInformation) {
        Memory.putShort(line(packet) + VLAN, (short) tagControlInformation);
    }

    public static int segmentSize(long packet) {
        return Memory.getShort(line(packet) + SEGMENT_SIZE) & 0xFFFF;
    }

    public static void setSegmentSize(long packet, int bytes) {
        Memory.putShort(line(packet) + SEGMENT_SIZE, (short) bytes);
    }

    /// Says where the headers are, for offloads: bytes of the Ethernet, the IP and the TCP or UDP header.
    public static void setHeaderLengths(long packet, int link, int network, int transport) {
        long line = line(packet);
        Memory.putShort(line + LINK_LENGTH, (short) link);
        Memory.putShort(line + NETWORK_LENGTH, (short) network);
        Memory.putShort(line + TRANSPORT_LENGTH, (short) transport);
    }

    public static int linkLength(long packet) {
        return Memory.getShort(line(packet) + LINK_LENGTH) & 0xFFFF;
    }

    public static int networkLength(long packet) {
        return Memory.getShort(line(packet) + NETWORK_LENGTH) & 0xFFFF;
    }

    public static int transportLength(long packet) {
        return Memory.getShort(line(packet) + TRANSPORT_LENGTH) & 0xFFFF;
    }

    public static int rssHash(long packet) {
        return Memory.getInt(line(packet) + RSS);
    }

    public static void setRssHash(long packet, int hash) {
        Memory.putInt(line(packet) + RSS, hash);
    }

    /// Bytes in all segments, asked of the first one; see {@link Packet#totalLength}. It stays right when bytes
    /// are pushed to or pulled from that one.
    public static int totalLength(long packet) {
        return Packet.length(packet) + Memory.getInt(line(packet) + TAIL_LENGTH);
    }

    /// Says how many bytes all segments have, of which the first one has what `packet` says.
    public static void setTotalLength(long packet, int bytes) {
        Memory.putInt(line(packet) + TAIL_LENGTH, bytes - Packet.length(packet));
    }

    /// The next segment, or 0.
    public static long next(long packet) {
        return Memory.getLong(line(packet) + NEXT);
    }

    /// Hands `segment`, and what is chained to it, to `packet`, whose owner owns the chain from now on.
    public static void setNext(long packet, long segment) {
        Memory.putLong(line(packet) + NEXT, segment);
    }

    public static long timestampNanos(long packet) {
        return Memory.getLong(line(packet) + TIME);
    }

    public static void setTimestampNanos(long packet, long nanos) {
        Memory.putLong(line(packet) + TIME, nanos);
    }

    private static long line(long packet) {
        return PacketPool.of(packet).slot(Packet.address(packet));
    }
}
