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

    static final int SEGMENT_SIZE = 500;
    static final int VLAN = 0x2064; // priority 1, id 100

    private static final int PIECE = 1400;

    /// A kind of packet.
    ///
    /// @param payload bytes behind the TCP or UDP header; they are in several segments if they are more than
    ///     1400
    record Case(boolean ipv6, boolean tcp, boolean cut, boolean tagged, int payload) {}

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
            new Case(true, true, true, true, 6_001));

    private Requests() {}

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
        FrameBuilder frame = FrameBuilder.ethernet(MacAddress.parse("02:00:00:00:00:02"), Frames.HOST);
        frame = wanted.ipv6 ? frame.ipv6("fd00::1", "fd00::2") : frame.ipv4("192.0.2.1", "192.0.2.2");
        frame = wanted.tcp ? frame.tcp(port, 9, 0, 0, Tcp.ACK) : frame.udp(port, 9);
        frame.payload(Arrays.copyOf(payload, Math.min(PIECE, payload.length)));
        long first = Metadata.begin(pool.allocateCopy(frame.build()));
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
        append(pool, first, payload);
        return first;
    }

    private static void append(PacketPool pool, long first, byte[] payload) {
        long last = first;
        for (int from = PIECE; from < payload.length; from += PIECE) {
            byte[] piece = Arrays.copyOfRange(payload, from, Math.min(from + PIECE, payload.length));
            long segment = Metadata.begin(pool.allocateCopy(piece));
            Metadata.setNext(last, segment);
            Metadata.setTotalLength(first, Metadata.totalLength(first) + piece.length);
            last = segment;
        }
    }
}
