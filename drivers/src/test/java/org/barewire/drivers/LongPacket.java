package org.barewire.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.IpProtocol;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Ipv6;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;

/// A TCP packet of several segments that is to be cut, as a program makes it for a card: its IP header counts the
/// first segment only. Byte `i` of its payload is `i`.
public final class LongPacket {
    /// Payload bytes of each piece that it is to be cut into.
    public static final int SEGMENT_SIZE = 500;

    private static final int TAG = 0x2064;

    private LongPacket() {}

    /// A packet with metadata that asks for segmentation, and for a tag if it is to be tagged.
    ///
    /// @param payload bytes of payload in each segment; the headers are in front of the first one's
    public static long create(PacketPool pool, boolean ipv6, boolean tagged, int... payload) {
        FrameBuilder frame = FrameBuilder.ethernet();
        frame = ipv6 ? frame.ipv6("fd00::1", "fd00::2") : frame.ipv4("192.0.2.1", "192.0.2.2");
        byte[] bytes =
                frame.tcp(1, 2, 3, 4, Tcp.ACK).payload(part(0, payload[0])).build();
        long packet = Metadata.begin(pool.allocateCopy(bytes));
        long headers = Headers.parse(packet);
        Metadata.setFlags(
                packet,
                Metadata.SEND_TCP_SEGMENTATION | (ipv6 ? Metadata.SEND_IPV6 : 0) | (tagged ? Metadata.SEND_VLAN : 0));
        Metadata.setVlan(packet, TAG);
        Metadata.setSegmentSize(packet, SEGMENT_SIZE);
        Metadata.setHeaderLengths(packet, 14, ipv6 ? 40 : 20, 20);
        Checksum.fillPseudoHeaderForSegmentation(packet, headers);
        int done = payload[0];
        long last = packet;
        for (int length : Arrays.copyOfRange(payload, 1, payload.length)) {
            long segment = Metadata.begin(pool.allocateCopy(part(done, length)));
            Metadata.setNext(last, segment);
            last = segment;
            done += length;
        }
        Metadata.setTotalLength(packet, bytes.length - payload[0] + done);
        return packet;
    }

    private static byte[] part(int from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    /// Whether what was handed to somebody who is to cut it is a packet as it stands, but for the TCP
    /// checksum, of which there is the pseudo-header's sum.
    public static void assertIsWhole(PacketPool pool, byte[] frame, boolean ipv6, boolean tagged, int payload) {
        int network = tagged ? 18 : 14;
        int transport = network + (ipv6 ? 40 : 20);
        assertThat(frame).hasSize(transport + 20 + payload);
        assertThat(Arrays.copyOfRange(frame, transport + 20, frame.length)).isEqualTo(part(0, payload));
        long packet = pool.allocateCopy(Arrays.copyOf(frame, transport + 20));
        int sum;
        if (ipv6) {
            assertThat(Ipv6.payloadLength(packet, network)).isEqualTo(20 + payload);
            sum = Checksum.pseudoHeaderIpv6(packet, network, IpProtocol.TCP, 20 + payload);
        } else {
            assertThat(Ipv4.totalLength(packet, network)).isEqualTo(40 + payload);
            assertThat(Ipv4.isChecksumValid(packet, network)).isTrue();
            sum = Checksum.pseudoHeaderIpv4(packet, network, IpProtocol.TCP, 20 + payload);
        }
        assertThat(Tcp.checksum(packet, transport)).isEqualTo(sum);
        if (tagged) {
            assertThat(Packet.getInt(packet, 12)).isEqualTo(0x8100_0000 | TAG);
        }
        Packet.release(packet);
    }
}
