package org.barewire.core.packet;

import java.util.Objects;
import org.barewire.core.memory.Memory;

/// The internet checksum (RFC 1071): of ranges, of whole TCP, UDP and ICMP segments, and of changes.
///
/// A *sum* is a 16-bit one's complement sum; a *checksum* is its complement, as headers have it. All are 0 to
/// 0xFFFF in an `int`. Ranges may begin and end at any byte and reach over a packet's segments.
///
/// ```java
/// long headers = Headers.parse(packet);
/// if (Checksum.isTransportValid(packet, headers)) …
/// ```
public final class Checksum {
    private Checksum() {}

    /// The checksum of a range.
    public static int of(long packet, int offset, int length) {
        return ~sum(packet, offset, length) & 0xFFFF;
    }

    /// The sum of a range: 0xFFFF if it contains its right checksum.
    ///
    /// @throws IndexOutOfBoundsException if the range is not within the packet
    public static int sum(long packet, int offset, int length) {
        return length <= Packet.length(packet) - offset
                ? sumOfSegment(packet, offset, length)
                : sumOfChain(packet, offset, length);
    }

    /// The sum of two sums of which the first is of an even number of bytes.
    public static int add(int sum, int other) {
        return fold((long) sum + other);
    }

    /// The checksum after a 16-bit word has changed, or one sum became another (RFC 1624, eqn. 3). A UDP
    /// checksum of 0 says that there is none, and has to stay 0.
    ///
    /// @param before 0 to 0xFFFF
    /// @param after  0 to 0xFFFF
    public static int update(int checksum, int before, int after) {
        return ~fold((~checksum & 0xFFFFL) + (~before & 0xFFFFL) + after) & 0xFFFF;
    }

    /// The checksum after a 32-bit word has changed, an IPv4 address for instance.
    public static int updateInt(int checksum, int before, int after) {
        return update(checksum, fold(before & 0xFFFF_FFFFL), fold(after & 0xFFFF_FFFFL));
    }

    /// The sum of the pseudo-header that TCP and UDP put in front of themselves on IPv4 (RFC 9293, 3.1; RFC
    /// 768).
    ///
    /// @param network where the IPv4 header begins
    /// @param length  bytes of TCP or UDP header and payload
    public static int pseudoHeaderIpv4(long packet, int network, int protocol, int length) {
        long addresses =
                (Ipv4.source(packet, network) & 0xFFFF_FFFFL) + (Ipv4.destination(packet, network) & 0xFFFF_FFFFL);
        return fold(addresses + protocol + length);
    }

    /// The sum of the pseudo-header that TCP, UDP and ICMPv6 put in front of themselves on IPv6 (RFC 8200,
    /// 8.1).
    ///
    /// @param network where the IPv6 header begins
    /// @param length  bytes of TCP, UDP or ICMPv6 header and payload
    public static int pseudoHeaderIpv6(long packet, int network, int protocol, int length) {
        long addresses = halves(Ipv6.sourceHigh(packet, network))
                + halves(Ipv6.sourceLow(packet, network))
                + halves(Ipv6.destinationHigh(packet, network))
                + halves(Ipv6.destinationLow(packet, network));
        return fold(addresses + protocol + length);
    }

    /// Whether the TCP, UDP, ICMP or ICMPv6 checksum is right. A UDP checksum of 0 says that there is none:
    /// right on IPv4 (RFC 768), wrong on IPv6 (RFC 8200, 8.1). False if {@link Headers#checksumOffset} finds
    /// none.
    ///
    /// @param headers of {@link Headers#parse}
    public static boolean isTransportValid(long packet, long headers) {
        int field = Headers.checksumOffset(headers);
        if (field == Headers.NONE) {
            return false;
        }
        if (Headers.protocol(headers) == IpProtocol.UDP && Packet.getShort(packet, field) == 0) {
            return Headers.isIpv4(headers);
        }
        return sumOfTransport(packet, headers) == 0xFFFF;
    }

    /// Computes the TCP, UDP, ICMP or ICMPv6 checksum and writes it, if {@link Headers#checksumOffset} finds
    /// one.
    ///
    /// @param headers of {@link Headers#parse}
    public static void fillTransport(long packet, long headers) {
        int field = Headers.checksumOffset(headers);
        if (field == Headers.NONE) {
            return;
        }
        Packet.setShort(packet, field, 0);
        int checksum = ~sumOfTransport(packet, headers) & 0xFFFF;
        // 0 would mean that there is none (RFC 768).
        boolean none = checksum == 0 && Headers.protocol(headers) == IpProtocol.UDP;
        Packet.setShort(packet, field, none ? 0xFFFF : checksum);
    }

    /// Writes what {@link Metadata#SEND_TCP_CHECKSUM} and {@link Metadata#SEND_UDP_CHECKSUM} want to find in
    /// the TCP or UDP checksum field: the pseudo-header's sum. Does nothing to other packets.
    ///
    /// @param headers of {@link Headers#parse}
    public static void fillPseudoHeader(long packet, long headers) {
        fillPseudoHeader(packet, headers, Headers.transportLength(headers));
    }

    /// Writes what {@link Metadata#SEND_TCP_SEGMENTATION} wants to find in the TCP checksum field: the
    /// pseudo-header's sum without the length, which differs from segment to segment.
    ///
    /// @param headers of {@link Headers#parse}
    public static void fillPseudoHeaderForSegmentation(long packet, long headers) {
        fillPseudoHeader(packet, headers, 0);
    }

    private static void fillPseudoHeader(long packet, long headers, int length) {
        int field = Headers.checksumOffset(headers);
        if (field != Headers.NONE && (Headers.isTcp(headers) || Headers.isUdp(headers))) {
            Packet.setShort(packet, field, pseudoHeader(packet, headers, length));
        }
    }

    private static int sumOfTransport(long packet, long headers) {
        int length = Headers.transportLength(headers);
        int sum = sum(packet, Headers.transportOffset(headers), length);
        return Headers.protocol(headers) == IpProtocol.ICMP ? sum : add(pseudoHeader(packet, headers, length), sum);
    }

    private static int pseudoHeader(long packet, long headers, int length) {
        int network = Headers.networkOffset(headers);
        int protocol = Headers.protocol(headers);
        return Headers.isIpv4(headers)
                ? pseudoHeaderIpv4(packet, network, protocol, length)
                : pseudoHeaderIpv6(packet, network, protocol, length);
    }

    /// Adds words in the machine's order and swaps the bytes of the sum, which is the same (RFC 1071, 2B).
    private static int sumOfSegment(long packet, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, Packet.length(packet));
        long address = Packet.address(packet) + offset;
        long sum = 0;
        int i = 0;
        for (; i < length - 7; i += 8) {
            sum += halves(Memory.getLong(address + i));
        }
        if ((length & 4) != 0) {
            sum += Memory.getInt(address + i) & 0xFFFF_FFFFL;
            i += 4;
        }
        if ((length & 2) != 0) {
            sum += Memory.getShort(address + i) & 0xFFFF;
            i += 2;
        }
        if ((length & 1) != 0) {
            sum += Memory.getByte(address + i) & 0xFF;
        }
        return swap(fold(sum));
    }

    private static int sumOfChain(long packet, int offset, int length) {
        long segment = packet;
        int from = offset;
        while (segment != 0 && from > Packet.length(segment)) {
            from -= Packet.length(segment);
            segment = Packet.next(segment);
        }
        int done = 0;
        int sum = 0;
        while (segment != 0) {
            int count = Math.min(length - done, Packet.length(segment) - from);
            int part = sumOfSegment(segment, from, count);
            sum = add(sum, (done & 1) == 0 ? part : swap(part));
            done += count;
            if (done == length) {
                return sum;
            }
            segment = Packet.next(segment);
            from = 0;
        }
        throw new IndexOutOfBoundsException(
                "%d bytes at %d of a packet that ends after %d of them".formatted(length, offset, done));
    }

    private static long halves(long value) {
        return (value & 0xFFFF_FFFFL) + (value >>> 32);
    }

    private static int fold(long sum) {
        long folded = halves(halves(sum));
        folded = (folded & 0xFFFF) + (folded >>> 16);
        return (int) ((folded & 0xFFFF) + (folded >>> 16));
    }

    private static int swap(int sum) {
        return Short.toUnsignedInt(Short.reverseBytes((short) sum));
    }
}
