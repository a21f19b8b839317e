package org.barewire.sim;

import org.barewire.core.packet.MacAddress;

/// What the headers of a source's probes say.
///
/// Addresses beyond Ethernet are those set aside for benchmarks: 198.18.0.1 to 198.19.0.1, 2001:2::1 to
/// 2001:2::2 (RFC 6890 2.2.2 and 2.2.3). UDP goes to port 9, discard.
///
/// @param destination Ethernet address
/// @param source      Ethernet address
/// @param vlan        VLAN identifier, 1 to 4094; 0 for no tag
/// @param ipv6        IPv6 instead of IPv4
/// @param flows       1 to 16384: UDP source ports 49152 and up, frame by frame in turn
public record ProbeHeaders(MacAddress destination, MacAddress source, int vlan, boolean ipv6, int flows) {
    /// First of the UDP source ports, the dynamic ones (RFC 6335 6).
    public static final int FIRST_PORT = 49152;
    /// As many as there are ports from that one on.
    public static final int MAX_FLOWS = 65536 - FIRST_PORT;

    public ProbeHeaders {
        if (vlan < 0 || vlan > 4094) {
            throw new IllegalArgumentException("VLAN %d: 1 to 4094, or 0 for no tag, is possible".formatted(vlan));
        }
        if (flows < 1 || flows > MAX_FLOWS) {
            throw new IllegalArgumentException("%d flows: 1 to %d are possible".formatted(flows, MAX_FLOWS));
        }
    }

    /// From one locally administered address to another, untagged IPv4, one flow.
    public static ProbeHeaders standard() {
        return new ProbeHeaders(new MacAddress(0x0200_0000_0002L), new MacAddress(0x0200_0000_0001L), 0, false, 1);
    }

    public ProbeHeaders withDestination(MacAddress destination) {
        return new ProbeHeaders(destination, source, vlan, ipv6, flows);
    }

    public ProbeHeaders withSource(MacAddress source) {
        return new ProbeHeaders(destination, source, vlan, ipv6, flows);
    }

    public ProbeHeaders withVlan(int vlan) {
        return new ProbeHeaders(destination, source, vlan, ipv6, flows);
    }

    public ProbeHeaders withIpv6(boolean ipv6) {
        return new ProbeHeaders(destination, source, vlan, ipv6, flows);
    }

    public ProbeHeaders withFlows(int flows) {
        return new ProbeHeaders(destination, source, vlan, ipv6, flows);
    }

    /// Bytes of the shortest probe with these headers.
    public int minimumLength() {
        return udpOffset() + Probe.UDP + Probe.NUMBERS;
    }

    int networkOffset() {
        return Probe.ETHERNET + (vlan == 0 ? 0 : Probe.TAG);
    }

    int udpOffset() {
        return networkOffset() + (ipv6 ? Probe.IPV6 : Probe.IPV4);
    }
}
