package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.MacAddress;
import org.barewire.sim.Probe.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProbeTest {
    private final Scratch scratch = new Scratch();

    @AfterEach
    void free() {
        scratch.close();
    }

    static Stream<ProbeHeaders> headers() {
        ProbeHeaders plain = ProbeHeaders.standard();
        return Stream.of(
                plain,
                plain.withVlan(100),
                plain.withIpv6(true),
                plain.withVlan(4094).withIpv6(true),
                plain.withFlows(16384));
    }

    private byte[] write(ProbeHeaders headers, int length, long sequence) {
        new ProbeWriter(headers, 5).write(scratch.address(), length, sequence, 0x0123_4567_89AB_CDEFL);
        return Scratch.bytes(scratch.address(), length);
    }

    private Verdict check(byte[] frame) {
        return Probe.check(scratch.putAtEnd(frame), frame.length);
    }

    @Test
    void theShortestProbeIsThisOne() {
        ProbeHeaders headers = ProbeHeaders.standard()
                .withDestination(MacAddress.parse("02:00:00:00:00:0b"))
                .withSource(MacAddress.parse("02:00:00:00:00:0a"))
                .withFlows(3);
        byte[] expected = HexFormat.of()
                .parseHex("02000000000b" + "02000000000a" + "0800"
                        + "4500002e" + "00000000" + "4011" + "0000" + "c6120001" + "c6130001"
                        + "c001" + "0009" + "001a" + "0000"
                        + "ba7e" + "0005" + "000000000001" + "0123456789abcdef");
        byte[] frame = write(headers, 60, 1);
        ByteBuffer.wrap(expected).putShort(24, referenceChecksum(expected, 14, 34, 0));
        ByteBuffer.wrap(expected).putShort(40, referenceChecksum(expected, 26, 60, 17 + 26));
        assertThat(HexFormat.of().formatHex(frame)).isEqualTo(HexFormat.of().formatHex(expected));
    }

    /// RFC 1071 by the book: the complement of the sum of the 16-bit words, each carry added at once.
    private static short referenceChecksum(byte[] bytes, int from, int to, int start) {
        int sum = start;
        for (int i = from; i < to; i += 2) {
            int low = i + 1 < to ? bytes[i + 1] & 0xFF : 0;
            sum += (bytes[i] & 0xFF) << 8 | low;
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (short) ~sum;
    }

    @ParameterizedTest
    @MethodSource("headers")
    void everyLengthIsGoodAndSaysWhatWasWritten(ProbeHeaders headers) {
        for (int length = headers.minimumLength(); length <= Probe.MAX_LENGTH; length += length < 200 ? 1 : 97) {
            long sequence = Probe.MAX_SEQUENCE - length;
            byte[] frame = write(headers, length, sequence);
            long address = scratch.putAtEnd(frame);
            assertThat(Probe.check(address, length)).as("%d bytes", length).isEqualTo(Verdict.GOOD);
            assertThat(Probe.stream(address, length)).isEqualTo(5);
            assertThat(Probe.sequence(address, length)).isEqualTo(sequence);
            assertThat(Probe.timestampNanos(address, length)).isEqualTo(0x0123_4567_89AB_CDEFL);
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void theUdpChecksumIsTheOneOfTheWholeDatagram(ProbeHeaders headers) {
        int udp = headers.udpOffset();
        int addresses = headers.ipv6() ? 32 : 8;
        for (int length : new int[] {headers.minimumLength(), 85, 86, 594, 1514, 9001}) {
            byte[] frame = write(headers, length, 77 + length);
            short written = ByteBuffer.wrap(frame).getShort(udp + 6);
            ByteBuffer.wrap(frame).putShort(udp + 6, (short) 0);
            assertThat(written).isEqualTo(referenceChecksum(frame, udp - addresses, length, 17 + length - udp));
        }
    }

    @Test
    void aChecksumThatComesOutAsZeroIsWrittenAsAllOnes() {
        ProbeWriter writer = new ProbeWriter(ProbeHeaders.standard(), 1);
        boolean seen = false;
        for (long sequence = 0; sequence < 0x20000 && !seen; sequence++) {
            writer.write(scratch.address(), 60, sequence, 0);
            int checksum = Memory.getShortBe(scratch.address() + 40) & 0xFFFF;
            assertThat(checksum).isNotZero();
            seen = checksum == 0xFFFF && Probe.check(scratch.address(), 60) == Verdict.GOOD;
        }
        assertThat(seen).isTrue();
    }

    @Test
    void flowsTakeTurnsInTheSourcePort() {
        ProbeWriter writer = new ProbeWriter(ProbeHeaders.standard().withFlows(3), 1);
        for (int sequence = 0; sequence < 10; sequence++) {
            writer.write(scratch.address(), 60, sequence, 0);
            assertThat(Memory.getShortBe(scratch.address() + 34) & 0xFFFF)
                    .isEqualTo(ProbeHeaders.FIRST_PORT + sequence % 3);
        }
    }

    @Test
    void neighboursDifferInTheirFiller() {
        byte[] one = write(ProbeHeaders.standard(), 594, 1000);
        for (int distance : new int[] {1, 2, 64, 256, 512, 1024, 4096}) {
            byte[] other = write(ProbeHeaders.standard(), 594, 1000 + distance);
            assertThat(Arrays.mismatch(one, 60, 594, other, 60, 594))
                    .as("distance %d", distance)
                    .isBetween(0, 8);
        }
    }

    @Test
    void paddingAfterTheDatagramIsAllowed() {
        byte[] frame = write(ProbeHeaders.standard(), 61, 9);
        assertThat(check(Arrays.copyOf(frame, 64))).isEqualTo(Verdict.GOOD);
    }

    @ParameterizedTest
    @MethodSource("headers")
    void everyFlippedBitBehindTheTagsIsNoticed(ProbeHeaders headers) {
        int length = headers.minimumLength() + 11;
        byte[] frame = write(headers, length, 123_456);
        int unprotected = headers.networkOffset() * 8;
        for (int bit = unprotected; bit < length * 8; bit++) {
            byte[] flipped = frame.clone();
            flipped[bit >>> 3] ^= (byte) (1 << (bit & 7));
            boolean uncovered = headers.ipv6() && uncoveredInIpv6(bit / 8 - headers.networkOffset(), bit & 7);
            assertThat(check(flipped) == Verdict.GOOD).as("bit %d", bit).isEqualTo(uncovered);
        }
    }

    /// IPv6 has no header checksum: traffic class, flow label and hop limit may change on the way.
    private static boolean uncoveredInIpv6(int offset, int bit) {
        return offset == 0 && bit < 4 || offset >= 1 && offset < 4 || offset == 7;
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aTruncatedProbeIsNone(ProbeHeaders headers) {
        byte[] frame = write(headers, 300, 5);
        for (int length = 0; length < 300; length++) {
            assertThat(check(Arrays.copyOf(frame, length)))
                    .as("%d bytes", length)
                    .isEqualTo(Verdict.NOT_A_PROBE);
        }
    }

    @Test
    void hostileFramesAreNeverReadBeyondTheirEnd() {
        Random random = new Random(42);
        ProbeHeaders[] headers = headers().toArray(ProbeHeaders[]::new);
        int recognized = 0;
        for (int i = 0; i < 200_000; i++) {
            ProbeHeaders form = headers[i % headers.length];
            byte[] frame = write(form, form.minimumLength() + random.nextInt(40), random.nextInt(1 << 30));
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(frame, frame.length - (random.nextBoolean() ? random.nextInt(60) : 0));
            long address = scratch.putAtEnd(cut);
            Verdict verdict = Probe.check(address, cut.length); // checked memory throws if it reads beyond
            assertThat(Probe.sequence(address, cut.length) < 0).isEqualTo(verdict == Verdict.NOT_A_PROBE);
            recognized += verdict == Verdict.NOT_A_PROBE ? 0 : 1;
        }
        assertThat(recognized).isBetween(50_000, 150_000);
    }

    @Test
    void lengthsThatDoNotFitTheHeadersAreRefused() {
        ProbeWriter writer = new ProbeWriter(ProbeHeaders.standard().withIpv6(true), 1);
        assertThatThrownBy(() -> writer.write(scratch.address(), 79, 0, 0)).hasMessageContaining("80 to 16000");
        assertThatThrownBy(() -> writer.write(scratch.address(), 16_001, 0, 0)).hasMessageContaining("80 to 16000");
        assertThatThrownBy(() -> new ProbeWriter(ProbeHeaders.standard(), 65_536))
                .hasMessageContaining("65535");
        assertThatThrownBy(() -> ProbeHeaders.standard().withVlan(4095)).hasMessageContaining("4094");
        assertThatThrownBy(() -> ProbeHeaders.standard().withFlows(0)).hasMessageContaining("16384");
    }
}
