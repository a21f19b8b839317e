package org.barewire.drivers;

import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.IpProtocol;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Ipv6;
import org.barewire.core.packet.Packet;

/// Readies TCP packets to be cut into segments by somebody who takes them for packets until then: the kernel,
/// a virtio peer.
///
/// A card writes lengths into each piece, so metadata asks for none in the long packet. Others read that one:
/// Linux throws away what the IP header does not count, in a bridge with netfilter and in a host's stack, and
/// would cut what is left, with checksums for what was there.
public final class Segmentation {
    private static final int TCP_CHECKSUM = 16;

    private Segmentation() {}

    /// Writes the long packet's length into the IP header, and the pseudo-header's sum with it into the TCP
    /// checksum field, as virtio 1.2, 5.1.6.2, wants it. The IPv4 header's checksum is wrong then. May be done
    /// again: a packet that there was no room for is tried once more.
    ///
    /// @param network   where the IP header begins
    /// @param transport where the TCP header begins; it is in the first segment
    /// @param total     bytes in all segments; less than 65,536 of them from the IP header on
    public static void fillLengths(long packet, boolean ipv6, int network, int transport, int total) {
        int length = total - transport;
        int sum;
        if (ipv6) {
            Ipv6.setPayloadLength(packet, network, total - network - Ipv6.HEADER_LENGTH);
            sum = Checksum.pseudoHeaderIpv6(packet, network, IpProtocol.TCP, length);
        } else {
            Ipv4.setTotalLength(packet, network, total - network);
            sum = Checksum.pseudoHeaderIpv4(packet, network, IpProtocol.TCP, length);
        }
        Packet.setShort(packet, transport + TCP_CHECKSUM, sum);
    }
}
