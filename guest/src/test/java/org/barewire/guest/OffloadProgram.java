package org.barewire.guest;

import java.util.List;
import java.util.Set;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.Offload;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// What runs in the guest for {@link VirtioOffloadGuestTest}: `send DEVICE` or `flows DEVICE COUNT`.
public final class OffloadProgram {
    static final MacAddress OWN = MacAddress.parse("52:54:00:00:00:77");
    static final int PAYLOAD = 20_000;
    static final int SEGMENT = 1_000;
    static final int VLAN = 42;
    static final int PORT = 9;

    private static final long PATIENCE = 60_000_000_000L;

    private OffloadProgram() {}

    public static void main(String[] arguments) {
        DeviceConfig config = DeviceConfig.standard().withOffloads(Set.of(Offload.CHECKSUM));
        try (NetDevice device = NetDevice.open(arguments[1], config)) {
            if (arguments[0].equals("send")) {
                send(device);
            } else {
                flows(device, Integer.parseInt(arguments[2]));
            }
        }
    }

    /// Sends TCP and UDP packets over IPv4 and IPv6, with checksums left to the device, and long TCP packets to
    /// be cut.
    private static void send(NetDevice device) {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 64, 65536)) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                long udp = packet(pool, network(ipv6).udp(1, 2).payload(new byte[100]), Metadata.SEND_UDP_CHECKSUM, 0);
                long tcp = packet(
                        pool, network(ipv6).tcp(1, 2, 3, 4, 0x10).payload(new byte[101]), Metadata.SEND_TCP_CHECKSUM, 0);
                long tso = packet(pool, data(ipv6), Metadata.SEND_TCP_SEGMENTATION, SEGMENT);
                long tagged = packet(pool, data(ipv6), Metadata.SEND_TCP_SEGMENTATION | Metadata.SEND_VLAN, SEGMENT);
                Metadata.setVlan(tagged, VLAN);
                for (long packet : new long[] {udp, tcp, tso, tagged}) {
                    device.tx(0).sendOrRelease(new long[] {packet}, 1);
                }
            }
            while (device.tx(0).reclaim() > 0) {
                Thread.onSpinWait();
            }
        }
        System.out.println("errors " + device.statistics().txErrors());
    }

    private static FrameBuilder network(boolean ipv6) {
        FrameBuilder frame = FrameBuilder.ethernet(OWN, MacAddress.parse("02:00:00:00:00:01"));
        return ipv6 ? frame.ipv6("2001:db8::1", "2001:db8::2") : frame.ipv4("192.0.2.1", "192.0.2.2");
    }

    private static FrameBuilder data(boolean ipv6) {
        byte[] bytes = new byte[PAYLOAD];
        for (int i = 0; i < PAYLOAD; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return network(ipv6).tcp(5, 6, 1_000_000, 4, 0x18).payload(bytes);
    }

    private static long packet(PacketPool pool, FrameBuilder frame, int flags, int segment) {
        long packet = Metadata.begin(pool.allocateCopy(frame.build()));
        long headers = Headers.parse(packet);
        Metadata.setHeaderLengths(
                packet,
                Headers.networkOffset(headers),
                Headers.networkHeaderLength(headers),
                Headers.transportHeaderLength(headers));
        Metadata.setFlags(packet, flags | (Headers.isIpv6(headers) ? Metadata.SEND_IPV6 : 0));
        Metadata.setSegmentSize(packet, segment);
        if (segment > 0) {
            Checksum.fillPseudoHeaderForSegmentation(packet, headers);
        } else {
            Checksum.fillPseudoHeader(packet, headers);
        }
        return packet;
    }

    /// Prints of each UDP packet for {@link #PORT} its source port, the queue that it came on, and whether the
    /// device says that the checksum is good; and sends it back.
    private static void flows(NetDevice device, int count) {
        List.of(0, 1).forEach(device::rx);
        System.out.println("ready");
        long[] packets = new long[32];
        long start = System.nanoTime();
        int seen = 0;
        while (seen < count && System.nanoTime() - start < PATIENCE) {
            for (int queue = 0; queue < device.rxQueues(); queue++) {
                int n = device.rx(queue).receive(packets);
                for (int i = 0; i < n; i++) {
                    seen += report(packets[i], queue);
                    device.tx(queue).sendOrRelease(packets, i, 1);
                }
            }
        }
        for (int queue = 0; queue < device.txQueues(); queue++) {
            while (device.tx(queue).reclaim() > 0) {
                Thread.onSpinWait();
            }
        }
    }

    private static int report(long packet, int queue) {
        long headers = Headers.parse(packet);
        if (!Headers.isUdp(headers) || Packet.getShort(packet, Headers.transportOffset(headers) + 2) != PORT) {
            return 0;
        }
        System.out.println("flow %d %d %b"
                .formatted(
                        Packet.getShort(packet, Headers.transportOffset(headers)),
                        queue,
                        Metadata.has(packet, Metadata.L4_CHECKSUM_GOOD)));
        return 1;
    }
}
