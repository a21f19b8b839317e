package org.barewire.cli;

import java.util.function.IntFunction;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.sim.Probe;

/// Copies a template, and puts flow, sequence number and time in, laid out as in a {@link Probe}; the rest
/// of the payload is zeros.
final class TemplateWriter implements FrameWriter {
    /// Bytes of payload that a frame has at least.
    static final int NUMBERS = 18;

    private static final int SEQUENCE = 4;
    private static final int TIME = 10;

    private final byte[][] templates; // by length of the frame; null for lengths that have not been prepared
    private final int minimumLength;
    private final int ports; // where the source port is
    private final int firstPort;
    private final int flows;
    private final int checksum; // where the checksum is
    private final boolean udp;
    private final int payload;

    /// @param template builds a frame of a length, with zeros as sequence number and time
    /// @param lengths  of the frames that will be written
    /// @param flows    how many source ports are used in turn, from the template's on
    /// @param pool     lends a packet
    TemplateWriter(IntFunction<byte[]> template, int[] lengths, int flows, PacketPool pool) {
        byte[] shortest = template.apply(0);
        long packet = pool.allocateCopy(shortest);
        long headers = Headers.parse(packet);
        ports = Headers.transportOffset(headers);
        firstPort = Packet.getShort(packet, ports);
        checksum = Headers.checksumOffset(headers);
        udp = Headers.isUdp(headers);
        payload = Headers.payloadOffset(headers);
        Packet.release(packet);
        minimumLength = Math.max(shortest.length, Probe.MIN_LENGTH);
        this.flows = flows;
        templates = new byte[Packet.MAX_LENGTH + 1][];
        for (int length : lengths) {
            int actual = Math.max(length, minimumLength);
            templates[actual] = template.apply(actual);
        }
    }

    @Override
    public int minimumLength() {
        return minimumLength;
    }

    @Override
    public void write(long packet, long sequence, long timestampNanos) {
        byte[] template = templates[Packet.length(packet)];
        Packet.write(packet, 0, template, 0, template.length);
        int port = firstPort + (flows == 1 ? 0 : (int) (sequence % flows));
        Packet.setShort(packet, ports, port);
        Packet.setShort(packet, payload + SEQUENCE, (int) (sequence >>> 32));
        Packet.setInt(packet, payload + SEQUENCE + 2, (int) sequence);
        Packet.setLong(packet, payload + TIME, timestampNanos);

        // All words lie at even offsets from the transport header: one sum has become another (RFC 1624).
        int after = sum(port + halves(sequence) + halves(timestampNanos));
        int updated = Checksum.update(Packet.getShort(packet, checksum), firstPort, after);
        Packet.setShort(packet, checksum, udp && updated == 0 ? 0xFFFF : updated); // 0 means "none" (RFC 768)
    }

    private static long halves(long value) {
        return (value >>> 32) + (value & 0xFFFF_FFFFL);
    }

    /// Folds to 16 bits, with the carries added (RFC 1071).
    private static int sum(long words) {
        long sum = (words >>> 32) + (words & 0xFFFF_FFFFL);
        sum = (sum >>> 16) + (sum & 0xFFFF);
        sum = (sum >>> 16) + (sum & 0xFFFF);
        return (int) ((sum >>> 16) + (sum & 0xFFFF));
    }
}
