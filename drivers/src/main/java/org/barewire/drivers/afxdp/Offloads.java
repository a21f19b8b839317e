package org.barewire.drivers.afxdp;

import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.Vlan;

/// What a packet's metadata asks a device to do when it is sent, done here, since AF_XDP has it done by few.
final class Offloads {
    private static final int TRANSPORT = Metadata.SEND_TCP_CHECKSUM | Metadata.SEND_UDP_CHECKSUM;

    private Offloads() {}

    /// The packet as it is to be sent, or 0, with nothing changed, if that can't be done: it is to be cut into
    /// segments, or has no room for a VLAN tag.
    static long apply(long packet) {
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        boolean tag = (flags & Metadata.SEND_VLAN) != 0;
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) != 0 || tag && Packet.headroom(packet) < Vlan.HEADER_LENGTH) {
            return 0;
        }
        if ((flags & (TRANSPORT | Metadata.SEND_IPV4_CHECKSUM)) != 0) {
            fillChecksums(packet, flags);
        }
        return tag ? Vlan.push(packet, EtherType.VLAN, Metadata.vlan(packet)) : packet;
    }

    private static void fillChecksums(long packet, int flags) {
        long headers = Headers.parse(packet);
        if ((flags & Metadata.SEND_IPV4_CHECKSUM) != 0 && Headers.isIpv4(headers)) {
            Ipv4.fillChecksum(packet, Headers.networkOffset(headers));
        }
        if ((flags & TRANSPORT) != 0) {
            Checksum.fillTransport(packet, headers);
        }
    }
}
