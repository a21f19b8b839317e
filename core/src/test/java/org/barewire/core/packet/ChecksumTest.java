package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.SplittableRandom;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChecksumTest {
    private static final int NETWORK = Ethernet.HEADER_LENGTH;

    private final SplittableRandom random = new SplittableRandom(1);
    private final EdgeOfMemory memory = new EdgeOfMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void theSumOfTheRfcsExampleIsTheRfcs() { // RFC 1071, 3
        long packet = memory.atEnd(Hexdump.bytes("0001 f203 f4f5 f6f7"));
        assertThat(Checksum.sum(packet, 0, 8)).isEqualTo(0xDDF2);
        assertThat(Checksum.of(packet, 0, 8)).isEqualTo(0x220D);
    }

    @Test
    void rangesOfAnyLengthFromAnyByteAddUpLikeWordByWord() {
        byte[] bytes = new byte[80];
        random.nextBytes(bytes);
        long packet = memory.atEnd(bytes);
        for (int from = 0; from <= bytes.length; from++) {
            for (int to = from; to <= bytes.length; to++) {
                assertThat(Checksum.sum(packet, from, to - from)).isEqualTo(wordByWord(bytes, from, to));
            }
        }
    }

    @Test
    void theLargestPacketDoesNotOverflow() {
        byte[] bytes = new byte[Packet.MAX_LENGTH];
        java.util.Arrays.fill(bytes, (byte) 0xFF);
        assertThat(Checksum.sum(memory.atEnd(bytes), 0, bytes.length)).isEqualTo(wordByWord(bytes, 0, bytes.length));
    }

    @Test
    void aRangeBeyondThePacketIsRefused() {
        long packet = memory.atStart(new byte[10]);
        assertThatThrownBy(() -> Checksum.sum(packet, 3, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Checksum.sum(packet, -1, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Checksum.sum(packet, 3, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Checksum.sum(packet, 11, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void segmentsAddUpLikeOnePacket() {
        byte[] whole = new byte[90];
        random.nextBytes(whole);
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 8)) {
            for (int cut = 1; cut < 60; cut++) {
                long chain = chain(pool, whole, cut, cut + 7);
                for (int from = 0; from <= 90; from++) {
                    int to = from + random.nextInt(91 - from);
                    assertThat(Checksum.sum(chain, from, to - from)).isEqualTo(wordByWord(whole, from, to));
                    assertThat(Checksum.sum(chain, from, 90 - from)).isEqualTo(wordByWord(whole, from, 90));
                }
                assertThatThrownBy(() -> Checksum.sum(chain, 0, 91)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> Checksum.sum(chain, 80, 11)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> Checksum.sum(chain, 91, 0)).isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> Checksum.sum(chain, 70, -1)).isInstanceOf(IndexOutOfBoundsException.class);
                Packet.release(chain);
            }
        }
    }

    @Test
    void aPacketInSegmentsIsParsedAndVerifiedAsAWhole() {
        byte[] whole = ValidFrames.ipv4().tcp(1, 2, 3, 4, 0).length(200).build();
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 8)) {
            long chain = chain(pool, whole, 101, 150);
            long headers = Headers.parse(chain);
            assertThat(Headers.isMalformed(headers)).isFalse();
            assertThat(Headers.payloadLength(headers)).isEqualTo(200 - 54);
            assertThat(Checksum.isTransportValid(chain, headers)).isTrue();
            Packet.setByte(Metadata.next(chain), 0, 1);
            assertThat(Checksum.isTransportValid(chain, headers)).isFalse();
            Packet.release(chain);
        }
    }

    @Test
    void aRightIpv4HeaderIsValidAndEveryFlippedBitIsNoticed() {
        byte[] bytes = Hexdump.bytes("45000073000040004011b861c0a80001c0a800c7");
        long packet = memory.atEnd(bytes);
        assertThat(Ipv4.isChecksumValid(packet, 0)).isTrue();
        for (int bit = 0; bit < 160; bit++) {
            Packet.setByte(packet, bit / 8, bytes[bit / 8] ^ 1 << bit % 8);
            assertThat(bit / 8 == 0 || !Ipv4.isChecksumValid(packet, 0)).isTrue();
            Packet.setByte(packet, bit / 8, bytes[bit / 8]);
        }
        Ipv4.setChecksum(packet, 0, 0x1234);
        Ipv4.fillChecksum(packet, 0);
        assertThat(Ipv4.checksum(packet, 0)).isEqualTo(0xB861);
    }

    @Test
    void theChecksumFollowsTheTimeToLiveDownToOne() {
        long packet = memory.atEnd(ValidFrames.ipv4().udp(1, 2).build());
        Ipv4.setTtl(packet, NETWORK, 255);
        for (int id = 0; id < 0x10000; id += 251) {
            Ipv4.setId(packet, NETWORK, id);
            Ipv4.setTtl(packet, NETWORK, 255);
            Ipv4.fillChecksum(packet, NETWORK);
            for (int ttl = 254; ttl > 0; ttl--) {
                assertThat(Ipv4.decrementTtl(packet, NETWORK)).isTrue();
                assertThat(Ipv4.ttl(packet, NETWORK)).isEqualTo(ttl);
                assertThat(Ipv4.isChecksumValid(packet, NETWORK)).isTrue();
            }
            assertThat(Ipv4.decrementTtl(packet, NETWORK)).isFalse();
            assertThat(Ipv4.ttl(packet, NETWORK)).isEqualTo(1);
        }
    }

    @Test
    void theUpdateOfTheRfcsExampleIsTheRfcs() { // RFC 1624, 4
        assertThat(Checksum.update(0xDD2F, 0x5555, 0x3285)).isEqualTo(0x0000);
    }

    @Test
    void anUpdateEqualsComputingAnew() {
        long packet = memory.atEnd(ValidFrames.ipv4().udp(1, 2).build());
        for (int i = 0; i < 100_000; i++) {
            int before = Ipv4.source(packet, NETWORK);
            int checksum = Ipv4.checksum(packet, NETWORK);
            int after = random.nextInt();
            Ipv4.setSource(packet, NETWORK, after);
            Ipv4.fillChecksum(packet, NETWORK);
            assertThat(Checksum.updateInt(checksum, before, after)).isEqualTo(Ipv4.checksum(packet, NETWORK));
        }
    }

    @Test
    void transportChecksumsOfValidFramesAreValidAndFilledInAgain() {
        int seen = 0;
        for (Map.Entry<String, byte[]> frame : ValidFrames.all().entrySet()) {
            long packet = memory.atEnd(frame.getValue());
            long headers = Headers.parse(packet);
            int field = Headers.checksumOffset(headers);
            assertThat(Checksum.isTransportValid(packet, headers))
                    .as(frame.getKey())
                    .isEqualTo(field != Headers.NONE);
            if (field != Headers.NONE) {
                seen++;
                Packet.setShort(packet, field, 0x1234);
                assertThat(Checksum.isTransportValid(packet, headers))
                        .as(frame.getKey())
                        .isFalse();
            }
            Checksum.fillTransport(packet, headers);
            Hexdump.assertSame(Packet.bytes(packet), frame.getValue());
        }
        assertThat(seen).isEqualTo(13);
    }

    @Test
    void everyFlippedPayloadBitIsNoticed() {
        byte[] bytes = ValidFrames.ipv6().tcp(1, 2, 3, 4, 0).payload(1, 2, 3).build();
        long packet = memory.atEnd(bytes);
        long headers = Headers.parse(packet);
        for (int at = Headers.transportOffset(headers); at < bytes.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                Packet.setByte(packet, at, bytes[at] ^ 1 << bit);
                assertThat(Checksum.isTransportValid(packet, headers)).isFalse();
            }
            Packet.setByte(packet, at, bytes[at]);
        }
    }

    @Test
    void aUdpChecksumOfZeroMeansNoneOnIpv4AndIsWrongOnIpv6() {
        long ipv4 = memory.atEnd(ValidFrames.ipv4().udp(1, 2).payload(9).build());
        Udp.setChecksum(ipv4, 34, 0);
        assertThat(Checksum.isTransportValid(ipv4, Headers.parse(ipv4))).isTrue();
        long ipv6 = memory.atEnd(ValidFrames.ipv6().udp(1, 2).payload(9).build());
        Udp.setChecksum(ipv6, 54, 0);
        assertThat(Checksum.isTransportValid(ipv6, Headers.parse(ipv6))).isFalse();
    }

    @Test
    void aUdpChecksumThatComesOutAsZeroIsWrittenAsAllOnes() {
        byte[] bytes = ValidFrames.ipv4().udp(1, 2).payload(0, 0).build();
        long packet = memory.atEnd(bytes);
        long headers = Headers.parse(packet);
        // The payload becomes what makes the sum of everything else 0xFFFF.
        Packet.setShort(packet, 42, Udp.checksum(packet, 34));
        Checksum.fillTransport(packet, headers);
        assertThat(Udp.checksum(packet, 34)).isEqualTo(0xFFFF);
        assertThat(Checksum.isTransportValid(packet, headers)).isTrue();
    }

    @Test
    void thePseudoHeadersSumCompletedByADeviceIsTheChecksum() {
        for (byte[] frame : new byte[][] {
            ValidFrames.ipv4().udp(1, 2).payload(3, 4, 5).build(),
            ValidFrames.ipv6().tcp(1, 2, 3, 4, 0).payload(3, 4, 5).build()
        }) {
            long packet = memory.atEnd(frame);
            long headers = Headers.parse(packet);
            Checksum.fillPseudoHeader(packet, headers);
            completeLikeADevice(packet, headers);
            Hexdump.assertSame(Packet.bytes(packet), frame);
        }
    }

    @Test
    void thePseudoHeadersSumForSegmentationLacksTheLength() {
        for (byte[] frame : new byte[][] {
            ValidFrames.ipv4().tcp(1, 2, 3, 4, 0).payload(3, 4, 5).build(),
            ValidFrames.ipv6().tcp(1, 2, 3, 4, 0).payload(3, 4, 5).build()
        }) {
            long packet = memory.atEnd(frame);
            long headers = Headers.parse(packet);
            Checksum.fillPseudoHeaderForSegmentation(packet, headers);
            int field = Headers.checksumOffset(headers);
            Packet.setShort(
                    packet, field, Checksum.add(Packet.getShort(packet, field), Headers.transportLength(headers)));
            completeLikeADevice(packet, headers);
            Hexdump.assertSame(Packet.bytes(packet), frame);
        }
    }

    private static void completeLikeADevice(long packet, long headers) {
        Packet.setShort(
                packet,
                Headers.checksumOffset(headers),
                Checksum.of(packet, Headers.transportOffset(headers), Headers.transportLength(headers)));
    }

    private static long chain(PacketPool pool, byte[] bytes, int firstCut, int secondCut) {
        long first = Metadata.begin(pool.allocateCopy(java.util.Arrays.copyOf(bytes, firstCut)));
        long second = Metadata.begin(pool.allocateCopy(java.util.Arrays.copyOfRange(bytes, firstCut, secondCut)));
        long third = pool.allocateCopy(java.util.Arrays.copyOfRange(bytes, secondCut, bytes.length));
        Metadata.setNext(second, third);
        Metadata.setNext(first, second);
        Metadata.setTotalLength(first, bytes.length);
        return first;
    }

    /// The definition: 16-bit words, a last odd byte padded by zero, carries added as they come.
    private static int wordByWord(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            int low = i + 1 < to ? bytes[i + 1] & 0xFF : 0;
            sum += (bytes[i] & 0xFF) << 8 | low;
            if (sum > 0xFFFF) {
                sum -= 0xFFFF;
            }
        }
        return sum;
    }
}
