package org.barewire.sim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.barewire.core.memory.Memory;

/// Writes {@linkplain Probe probes} of one stream: headers from a template, with lengths, port, numbers and
/// checksums put in. Allocates nothing; safe to use from several threads at once.
public final class ProbeWriter {
    private static final int DISCARD_PORT = 9;
    private static final int HOP_LIMIT = 64;

    private final long[] template; // of everything up to the sequence number, in the machine's order
    private final int minimumLength;
    private final int networkOffset;
    private final int udpOffset;
    private final boolean ipv6;
    private final int flows;
    private final long networkSum; // of an IPv4 header, without its length
    private final long udpSum; // of all that is the same in every frame

    /// A writer for one source.
    ///
    /// @param stream 0 to 65,535, written into every probe
    public ProbeWriter(ProbeHeaders headers, int stream) {
        if (stream < 0 || stream > 0xFFFF) {
            throw new IllegalArgumentException("stream %d: 0 to 65535 is possible".formatted(stream));
        }
        minimumLength = headers.minimumLength();
        networkOffset = headers.networkOffset();
        udpOffset = headers.udpOffset();
        ipv6 = headers.ipv6();
        flows = headers.flows();
        ByteBuffer bytes = ByteBuffer.allocate(72);
        ethernet(bytes, headers);
        if (ipv6) {
            ipv6(bytes, networkOffset);
        } else {
            ipv4(bytes, networkOffset);
        }
        bytes.putShort(udpOffset + 2, (short) DISCARD_PORT);
        bytes.putShort(udpOffset + Probe.UDP, (short) Probe.MAGIC);
        bytes.putShort(udpOffset + Probe.UDP + 2, (short) stream);
        networkSum = ipv6 ? 0 : sum(bytes, networkOffset, udpOffset);
        int addresses = ipv6 ? 32 : 8;
        udpSum = Probe.PROTOCOL_UDP + sum(bytes, udpOffset - addresses, udpOffset + Probe.UDP + 4);
        // rounded up to whole words: what is too much lies within the numbers, which are written afterwards
        template = new long[(udpOffset + Probe.UDP + 4 + 7) / 8];
        bytes.order(ByteOrder.nativeOrder()).asLongBuffer().get(template);
    }

    private static void ethernet(ByteBuffer bytes, ProbeHeaders headers) {
        bytes.putLong(0, headers.destination().bits() << 16);
        bytes.putLong(6, headers.source().bits() << 16);
        if (headers.vlan() != 0) {
            bytes.putShort(12, (short) Probe.TYPE_VLAN);
            bytes.putShort(14, (short) headers.vlan());
        }
        int type = headers.ipv6() ? Probe.TYPE_IPV6 : Probe.TYPE_IPV4;
        bytes.putShort(headers.networkOffset() - 2, (short) type);
    }

    private static void ipv4(ByteBuffer bytes, int offset) {
        bytes.put(offset, (byte) 0x45);
        bytes.put(offset + 8, (byte) HOP_LIMIT);
        bytes.put(offset + 9, (byte) Probe.PROTOCOL_UDP);
        bytes.putInt(offset + 12, 0xC612_0001); // 198.18.0.1
        bytes.putInt(offset + 16, 0xC613_0001); // 198.19.0.1
    }

    private static void ipv6(ByteBuffer bytes, int offset) {
        bytes.put(offset, (byte) 0x60);
        bytes.put(offset + 6, (byte) Probe.PROTOCOL_UDP);
        bytes.put(offset + 7, (byte) HOP_LIMIT);
        bytes.putInt(offset + 8, 0x2001_0002); // 2001:2::1
        bytes.putLong(offset + 16, 1);
        bytes.putInt(offset + 24, 0x2001_0002); // 2001:2::2
        bytes.putLong(offset + 32, 2);
    }

    private static long sum(ByteBuffer bytes, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += bytes.getShort(i) & 0xFFFF;
        }
        return sum;
    }

    /// Bytes of the shortest probe that this writes.
    public int minimumLength() {
        return minimumLength;
    }

    /// Writes a probe.
    ///
    /// @param address        where; `length` bytes are written
    /// @param length         {@link #minimumLength} to {@link Probe#MAX_LENGTH}, without check sequence
    /// @param sequence       0 to {@link Probe#MAX_SEQUENCE}
    /// @param timestampNanos the sender's clock
    public void write(long address, int length, long sequence, long timestampNanos) {
        if (length < minimumLength || length > Probe.MAX_LENGTH) {
            throw new IllegalArgumentException("a probe of %d bytes: %d to %d is possible with these headers"
                    .formatted(length, minimumLength, Probe.MAX_LENGTH));
        }
        long[] words = template;
        for (int i = 0; i < words.length; i++) {
            Memory.putLong(address + 8L * i, words[i]);
        }
        writeNetworkLengths(address + networkOffset, length - networkOffset);

        long udp = address + udpOffset;
        int udpLength = length - udpOffset;
        int port = ProbeHeaders.FIRST_PORT + (flows == 1 ? 0 : (int) (sequence % flows));
        int filler = udpLength - Probe.UDP - Probe.NUMBERS;
        Memory.putShortBe(udp, (short) port);
        Memory.putShortBe(udp + 4, (short) udpLength);
        Memory.putShortBe(udp + Probe.UDP + 4, (short) (sequence >>> 32));
        Memory.putIntBe(udp + Probe.UDP + 6, (int) sequence);
        Memory.putLongBe(udp + Probe.UDP + 10, timestampNanos);
        Filler.write(udp + Probe.UDP + Probe.NUMBERS, filler, sequence);

        // the length counts twice: in the header and in the pseudo header (RFC 768, RFC 8200 8.1)
        long sum = udpSum
                + port
                + 2L * udpLength
                + halves(sequence)
                + halves(timestampNanos)
                + Filler.sum(filler, sequence);
        int checksum = ~InternetSum.fold(sum) & 0xFFFF;
        Memory.putShortBe(udp + 6, (short) (checksum == 0 ? 0xFFFF : checksum)); // 0 would mean "none" (RFC 768)
    }

    private void writeNetworkLengths(long network, int length) {
        if (ipv6) {
            Memory.putShortBe(network + 4, (short) (length - Probe.IPV6));
        } else {
            Memory.putShortBe(network + 2, (short) length);
            Memory.putShortBe(network + 10, (short) ~InternetSum.fold(networkSum + length));
        }
    }

    private static long halves(long value) {
        return (value >>> 32) + (value & 0xFFFF_FFFFL);
    }
}
