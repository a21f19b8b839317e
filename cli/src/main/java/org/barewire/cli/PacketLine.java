package org.barewire.cli;

import static org.barewire.core.packet.IpAddress.formatIpv4;
import static org.barewire.core.packet.IpAddress.formatIpv6;

import org.barewire.core.packet.Arp;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Icmp;
import org.barewire.core.packet.IpProtocol;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Ipv6;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.Tcp;
import org.barewire.core.packet.Udp;
import org.barewire.core.packet.Vlan;

/// What is in a packet, on one line, in the manner of tcpdump.
final class PacketLine {
    private static final String TCP_FLAGS = "FSRP.UEW"; // from bit 0 up
    private static final String HEXADECIMAL = "0x%04x";

    private final StringBuilder line = new StringBuilder();
    private final long packet;
    private final long headers;
    private final boolean cut; // there was more of it than there is

    private PacketLine(long packet, int originalLength) {
        this.packet = packet;
        this.headers = Headers.parse(packet);
        this.cut = Packet.length(packet) < originalLength;
    }

    /// A packet's line, without an end of line.
    ///
    /// @param packet         of one segment
    /// @param originalLength bytes that it had before its end was cut off
    /// @param link           with Ethernet addresses and type
    static String of(long packet, int originalLength, boolean link) {
        PacketLine line = new PacketLine(packet, originalLength);
        line.link(link, originalLength);
        line.network(originalLength);
        return line.line.toString();
    }

    private void link(boolean whole, int length) {
        if (whole && Ethernet.fits(packet)) {
            line.append(new MacAddress(Ethernet.source(packet))).append(" > ");
            line.append(new MacAddress(Ethernet.destination(packet)));
            type(Ethernet.type(packet));
            line.append(", length ").append(length).append(": ");
        }
        for (int i = 0; i < Headers.vlanTags(headers); i++) {
            int tag = Ethernet.HEADER_LENGTH + i * Vlan.HEADER_LENGTH;
            line.append("vlan ").append(Vlan.id(packet, tag)).append(", p ").append(Vlan.priority(packet, tag));
            line.append(Vlan.isDropEligible(packet, tag) ? ", DEI" : "");
            if (whole) {
                type(Vlan.type(packet, tag));
            }
            line.append(", ");
        }
    }

    private void type(int type) {
        line.append(", ethertype ").append(HEXADECIMAL.formatted(type));
    }

    private void network(int length) {
        if (Headers.isArp(headers)) {
            arp(Headers.networkOffset(headers));
        } else if (Headers.isIpv4(headers)) {
            line.append("IP ");
            ip();
        } else if (Headers.isIpv6(headers)) {
            line.append("IP6 ");
            ip();
        } else {
            line.append(name(Headers.etherType(headers)));
            unreadable();
            line.append(", length ").append(length);
        }
    }

    private String name(int type) {
        return switch (type) {
            case EtherType.IPV4 -> "IP";
            case EtherType.IPV6 -> "IP6";
            case EtherType.ARP -> "ARP";
            case EtherType.LLDP -> "LLDP";
            case EtherType.MPLS -> "MPLS";
            case EtherType.PTP -> "PTP";
            default ->
                !Ethernet.fits(packet)
                        ? "Ethernet"
                        : type < EtherType.MINIMUM ? "802.3" : "ethertype " + HEXADECIMAL.formatted(type);
        };
    }

    /// Says so if a header could not be read, and why.
    private boolean unreadable() {
        if (Headers.isMalformed(headers)) {
            line.append(cut ? ", cut off" : ", malformed");
        }
        return Headers.isMalformed(headers);
    }

    private void arp(int offset) {
        String sender = formatIpv4(Arp.senderProtocol(packet, offset));
        String target = formatIpv4(Arp.targetProtocol(packet, offset));
        switch (Arp.operation(packet, offset)) {
            case Arp.REQUEST ->
                line.append("ARP, Request who-has ")
                        .append(target)
                        .append(" tell ")
                        .append(sender);
            case Arp.REPLY -> {
                line.append("ARP, Reply ").append(sender).append(" is-at ");
                line.append(new MacAddress(Arp.senderHardware(packet, offset)));
            }
            default -> line.append("ARP, operation ").append(Arp.operation(packet, offset));
        }
        line.append(", length ").append(Packet.length(packet) - offset);
    }

    private void ip() {
        int transport = Headers.transportOffset(headers);
        boolean tcp = Headers.isTcp(headers);
        boolean ports = tcp || Headers.isUdp(headers);
        line.append(address(true));
        if (ports) {
            line.append('.').append(Udp.sourcePort(packet, transport)); // where TCP has it, too
        }
        line.append(" > ").append(address(false));
        if (ports) {
            line.append('.').append(Udp.destinationPort(packet, transport));
        }
        line.append(": ");
        if (tcp) {
            tcp(transport);
        } else if (ports) {
            line.append("UDP, length ").append(Headers.payloadLength(headers));
        } else if (Headers.isIcmp(headers)) {
            icmp(transport);
        } else {
            other();
        }
    }

    private String address(boolean source) {
        int network = Headers.networkOffset(headers);
        if (Headers.isIpv4(headers)) {
            return formatIpv4(source ? Ipv4.source(packet, network) : Ipv4.destination(packet, network));
        }
        return source
                ? formatIpv6(Ipv6.sourceHigh(packet, network), Ipv6.sourceLow(packet, network))
                : formatIpv6(Ipv6.destinationHigh(packet, network), Ipv6.destinationLow(packet, network));
    }

    private void tcp(int offset) {
        int flags = Tcp.flags(packet, offset);
        int length = Headers.payloadLength(headers);
        long sequence = Integer.toUnsignedLong(Tcp.sequence(packet, offset));
        line.append("Flags [");
        for (int bit = 0; bit < TCP_FLAGS.length(); bit++) {
            if ((flags & 1 << bit) != 0) {
                line.append(TCP_FLAGS.charAt(bit));
            }
        }
        line.append(flags == 0 ? "none], seq " : "], seq ").append(sequence);
        if (length > 0) {
            line.append(':').append(sequence + length & 0xFFFF_FFFFL);
        }
        if ((flags & Tcp.ACK) != 0) {
            line.append(", ack ").append(Integer.toUnsignedLong(Tcp.acknowledgment(packet, offset)));
        }
        line.append(", win ")
                .append(Tcp.window(packet, offset))
                .append(", length ")
                .append(length);
    }

    private void icmp(int offset) {
        int type = Icmp.type(packet, offset);
        boolean v4 = Headers.isIpv4(headers);
        boolean request = type == (v4 ? Icmp.ECHO_REQUEST : Icmp.V6_ECHO_REQUEST);
        line.append(v4 ? "ICMP " : "ICMP6, ");
        if (request || type == (v4 ? Icmp.ECHO_REPLY : Icmp.V6_ECHO_REPLY)) {
            line.append(request ? "echo request, id " : "echo reply, id ");
            line.append(Icmp.identifier(packet, offset)).append(", seq ").append(Icmp.sequence(packet, offset));
        } else {
            line.append("type ").append(type).append(", code ").append(Icmp.code(packet, offset));
        }
        line.append(", length ").append(Headers.transportLength(headers));
    }

    private void other() {
        int protocol = Headers.protocol(headers);
        int network = Headers.networkOffset(headers);
        line.append(
                switch (protocol) {
                    case IpProtocol.TCP -> "TCP";
                    case IpProtocol.UDP -> "UDP";
                    case IpProtocol.ICMP -> "ICMP";
                    case IpProtocol.ICMPV6 -> "ICMP6";
                    case IpProtocol.IGMP -> "IGMP";
                    case IpProtocol.GRE -> "GRE";
                    case IpProtocol.ESP -> "ESP";
                    case IpProtocol.SCTP -> "SCTP";
                    default -> "ip-proto-" + protocol;
                });
        if (!unreadable() && Headers.isFragment(headers)) {
            line.append(", fragment");
            if (Headers.isIpv4(headers)) {
                line.append(" of id ").append(Ipv4.id(packet, network));
                line.append(" at ").append(Ipv4.fragmentOffset(packet, network));
            }
        }
        line.append(", length ").append(Headers.transportLength(headers));
    }
}
