package org.barewire.core.packet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// One valid frame of every kind that the header classes know.
final class ValidFrames {
    static final MacAddress FIRST = MacAddress.parse("02:00:00:00:00:01");

    private static final int EXPERIMENT = 0x88B5; // local experimental EtherType 1 (IEEE 802)

    private ValidFrames() {}

    static Map<String, byte[]> all() {
        Map<String, byte[]> frames = new LinkedHashMap<>();
        frames.put(
                "ethernet",
                FrameBuilder.ethernet().type(EXPERIMENT).payload(1, 2, 3).build());
        frames.put("arp", arp());
        frames.put("ipv4-udp", ipv4().udp(1000, 5000).payload(1, 2, 3, 4, 5).build());
        frames.put("ipv4-udp-padded", Arrays.copyOf(frames.get("ipv4-udp"), 60));
        frames.put(
                "ipv4-tcp", ipv4().tcp(1000, 80, 7, 9, Tcp.ACK).payload(1, 2, 3).build());
        frames.put("ipv4-echo", ipv4().echo(3, 4).payload(5, 6, 7).build());
        frames.put(
                "ipv4-options", ipv4().options(7, 7, 4, 1, 2, 3, 4, 0).udp(1, 2).build());
        frames.put("ipv4-fragment", ipv4Fragment());
        frames.put("ipv4-unknown", ipv4().payload(1, 2, 3, 4, 5, 6, 7, 8).build());
        frames.put(
                "tcp-options",
                ipv4().tcp(1, 2, 3, 4, Tcp.SYN).options(synOptions()).build());
        frames.put(
                "tcp-sack",
                ipv4().tcp(1, 2, 3, 4, Tcp.ACK).options(sackOptions()).build());
        frames.put(
                "vlan",
                FrameBuilder.ethernet()
                        .vlan(5)
                        .ipv4("192.0.2.1", "192.0.2.2")
                        .udp(1, 2)
                        .build());
        frames.put(
                "vlan-twice",
                vlanTwice().ipv6("2001:db8::1", "2001:db8::2").udp(1, 2).build());
        frames.put("ipv6-udp", ipv6().udp(1000, 5000).payload(1, 2, 3, 4, 5).build());
        frames.put(
                "ipv6-tcp",
                ipv6().tcp(1000, 80, 7, 9, Tcp.ACK).options(synOptions()).build());
        frames.put("ipv6-echo", ipv6().echo(3, 4).payload(5, 6, 7).build());
        frames.put("ipv6-extensions", ipv6Extensions());
        frames.put(
                "ipv6-fragment",
                ipv6().extension(IpProtocol.FRAGMENT, 0, 0, 1, 0x41, 1, 2, 3, 4)
                        .payload(9)
                        .build());
        return frames;
    }

    static byte[] named(String name) {
        return Objects.requireNonNull(all().get(name), name);
    }

    static FrameBuilder ipv4() {
        return FrameBuilder.ethernet().ipv4("192.0.2.1", "192.0.2.2");
    }

    static FrameBuilder ipv6() {
        return FrameBuilder.ethernet().ipv6("2001:db8::1", "2001:db8::2");
    }

    static FrameBuilder vlanTwice() {
        return FrameBuilder.ethernet()
                .vlan(EtherType.PROVIDER_VLAN, Vlan.control(3, true, 100))
                .vlan(5);
    }

    static byte[] arp() {
        return FrameBuilder.ethernet(FIRST, MacAddress.BROADCAST)
                .arp(Arp.REQUEST, FIRST, "192.0.2.1", new MacAddress(0), "192.0.2.2")
                .build();
    }

    /// MSS 1460, SACK permitted, timestamps 0x01020304 and 0x05060708, window scale 7.
    static int[] synOptions() {
        return new int[] {2, 4, 0x05, 0xB4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7};
    }

    /// Two blocks, 1 to 2 and 3 to 4, behind two no-operations.
    static int[] sackOptions() {
        return new int[] {1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4};
    }

    /// Hop-by-hop and destination options, a routing header without segments left, a datagram in a single
    /// fragment, authentication with an integrity check value of 12 bytes, more destination options, UDP.
    static byte[] ipv6Extensions() {
        int[] options = {0, 0, 1, 4, 0, 0, 0, 0};
        return ipv6().extension(IpProtocol.HOP_BY_HOP, options)
                .extension(IpProtocol.DESTINATION_OPTIONS, options)
                .extension(IpProtocol.ROUTING, 0, 0, 253, 0, 0, 0, 0, 0)
                .extension(IpProtocol.FRAGMENT, 0, 0, 0, 0, 1, 2, 3, 4)
                .extension(IpProtocol.AUTHENTICATION, Arrays.copyOf(new int[] {0, 4}, 24))
                .extension(IpProtocol.DESTINATION_OPTIONS, options)
                .udp(1000, 5000)
                .payload(1, 2, 3)
                .build();
    }

    private static byte[] ipv4Fragment() {
        byte[] frame = ipv4().udp(1, 2).payload(1, 2, 3, 4, 5, 6, 7, 8).build();
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        bytes.putShort(20, (short) (Ipv4.MORE_FRAGMENTS << 13));
        bytes.putShort(24, (short) Checksum.update(bytes.getShort(24) & 0xFFFF, 0, Ipv4.MORE_FRAGMENTS << 13));
        return frame;
    }
}
