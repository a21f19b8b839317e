package org.barewire.guest;

import java.util.Arrays;
import java.util.List;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;

/// Packets that ask the device for work: checksums, segmentation, tags. Each case has its own TCP or UDP
/// source port, and byte `i` of its payload, over all segments, is `i`, so that what leaves can be checked
/// without knowing how.
final class Requests {
    /// Cases are numbered from here on, by their source ports.
    static final int FIRST_PORT = 10_000;

    static final MacAddress SOURCE = MacAddress.parse("02:00:00:00:00:02");
    static final int SEGMENT_SIZE = 500;
    static final int VLAN = 0x2064; // priority 1, id 100

    /// A kind of packet.
    ///
    /// @param payload bytes behind the TCP or UDP header
    /// @param first   how many of them are in the first segment, behind the headers, at most
    /// @param further how many are in each further segment, at most
    record Case(boolean ipv6, boolean tcp, boolean cut, boolean tagged, int payload, int first, int further) {
        Case(boolean ipv6, boolean tcp, boolean cut, boolean tagged, int payload) {
            this(ipv6, tcp, cut, tagged, payload, 1400, 1400);
        }

        /// Payload bytes of each frame but the last, which has what is left.
        int piece() {
            return cut ? SEGMENT_SIZE : payload;
        }
    }

    static final List<Case> CASES = List.of(
            new Case(false, false, false, false, 18),
            new Case(false, false, false, false, 1000),
            new Case(false, true, false, false, 1001),
            new Case(true, false, false, false, 1002),
            new Case(true, true, false, false, 1003),
            new Case(false, true, true, false, 1300),
            new Case(true, true, true, false, 1300),
            new Case(false, true, true, false, 12_345),
            new Case(true, true, true, false, 12_346),
            new Case(false, false, false, true, 1004),
            new Case(true, true, false, true, 1005),
            new Case(false, true, true, true, 6_000),
            new Case(true, true, true, true, 6_001),
            new Case(true, true, false, false, 1400, 333, 335),
            new Case(false, false, false, true, 1201, 101, 103),
            new Case(false, true, true, false, 20_001, 1, 701), // 30 segments, the most that virtio's rings take
            new Case(true, true, true, false, 15_003, 0, 1023),
            new Case(false, true, true, true, 5_001, 499, 1_501));

    private Requests() {}

    /// How many frames leave a device when every case has been sent once.
    static int frames() {
        return CASES.stream()
                .mapToInt(sent -> Math.ceilDiv(sent.payload, sent.piece()))
                .sum();
    }

    /// Sends each case on every send queue, `rounds` times.
    static Reply send(OpenDevice device, int rounds) {
        long[] one = new long[1];
        int sent = 0;
        for (int round = 0; round < rounds; round++) {
            for (int queue = 0; queue < device.tx().size(); queue++) {
                for (int i = 0; i < CASES.size(); i++) {
                    one[0] = packet(device.pool(), CASES.get(i), FIRST_PORT + i);
                    Traffic.sendAll(device.tx().get(queue), one, 1);
                    Traffic.drain(device);
                    sent++;
                }
            }
        }
        return new Reply().with("sent", sent);
    }

    private static long packet(PacketPool pool, Case wanted, int port) {
        byte[] payload = new byte[wanted.payload];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) i;
        }
        FrameBuilder frame = FrameBuilder.ethernet(SOURCE, Frames.HOST);
        frame = wanted.ipv6 ? frame.ipv6("fd00::1", "fd00::2") : frame.ipv4("192.0.2.1", "192.0.2.2");
        frame = wanted.tcp ? frame.tcp(port, 9, 0, 0, Tcp.ACK) : frame.udp(port, 9);
        int here = Math.min(wanted.first, payload.length);
        int counted = wanted.cut ? here : payload.length; // by the IP header: a card does not look at a long packet's
        byte[] bytes = frame.payload(Arrays.copyOf(payload, counted)).build();
        long first = Metadata.begin(pool.allocateCopy(Arrays.copyOf(bytes, bytes.length - counted + here)));
        append(pool, first, payload, wanted);
        long headers = Headers.parse(first);
        int flags = wanted.ipv6 ? Metadata.SEND_IPV6 : Metadata.SEND_IPV4_CHECKSUM;
        flags |= wanted.tcp ? Metadata.SEND_TCP_CHECKSUM : Metadata.SEND_UDP_CHECKSUM;
        if (!wanted.ipv6) {
            Packet.setShort(first, Headers.networkOffset(headers) + 10, 0xDEAD); // for the device to replace
        }
        if (wanted.cut) {
            flags |= Metadata.SEND_TCP_SEGMENTATION;
            Metadata.setSegmentSize(first, SEGMENT_SIZE);
            Checksum.fillPseudoHeaderForSegmentation(first, headers);
        } else {
            Checksum.fillPseudoHeader(first, headers);
        }
        if (wanted.tagged) {
            flags |= Metadata.SEND_VLAN;
            Metadata.setVlan(first, VLAN);
        }
        Metadata.setFlags(first, flags);
        Metadata.setHeaderLengths(
                first,
                Headers.networkOffset(headers),
                Headers.networkHeaderLength(headers),
                Headers.transportHeaderLength(headers));
        return first;
    }

    private static void append(PacketPool pool, long first, byte[] payload, Case wanted) {
        long last = first;
        for (int from = wanted.first; from < payload.length; from += wanted.further) {
            byte[] piece = Arrays.copyOfRange(payload, from, Math.min(from + wanted.further, payload.length));
            long segment = Metadata.begin(pool.allocateCopy(piece));
            Metadata.setNext(last, segment);
            Metadata.setTotalLength(first, Metadata.totalLength(first) + piece.length);
            last = segment;
        }
    }
}
