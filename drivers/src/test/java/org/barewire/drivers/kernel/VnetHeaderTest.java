package org.barewire.drivers.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;
import org.barewire.drivers.LongPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VnetHeaderTest {
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 64, 4096);
    private final long header = PacketMemory.standard().allocateRing(64);

    @AfterEach
    void free() {
        PacketMemory.standard().freeRing(header, 64);
        pool.close();
    }

    private static byte[] tcp() {
        return FrameBuilder.ethernet()
                .ipv4("10.0.0.1", "10.0.0.2")
                .tcp(1, 2, 3, 4, Tcp.ACK)
                .payload(new byte[3001])
                .build();
    }

    /// A packet as the kernel hands it over: the pseudo-header's sum in the checksum field.
    private long unfinished() {
        long packet = pool.allocateCopy(tcp());
        Checksum.fillPseudoHeader(packet, Headers.parse(packet));
        return packet;
    }

    private void header(int flags, int type, int size, int start, int offset) {
        VnetHeader.clear(header);
        Memory.putByte(header, (byte) flags);
        Memory.putByte(header + 1, (byte) type);
        Memory.putShort(header + 4, (short) size);
        Memory.putShort(header + 6, (short) start);
        Memory.putShort(header + 8, (short) offset);
    }

    private byte[] headerBytes() {
        byte[] bytes = new byte[VnetHeader.BYTES];
        Memory.copy(header, bytes, 0, bytes.length);
        return bytes;
    }

    @Test
    void aChecksumThatIsLeftToBeDoneIsDoneWhereMetadataIsNotWanted() {
        header(1, 0, 0, 34, 16);
        long packet = VnetHeader.apply(header, unfinished(), 0, false);
        assertThat(Packet.hasMetadata(packet)).isFalse();
        assertThat(Packet.bytes(packet)).containsExactly(tcp());
    }

    @Test
    void aChecksumThatIsLeftToBeDoneIsAskedForOnTheWayOut() {
        header(1, 0, 0, 34, 16);
        byte[] before = headerBytes();
        long packet = VnetHeader.apply(header, unfinished(), 0, true);
        assertThat(Metadata.flags(packet)).isEqualTo(Metadata.L4_CHECKSUM_GOOD | Metadata.SEND_TCP_CHECKSUM);
        VnetHeader.clear(header);
        assertThat(VnetHeader.ask(header, packet, Metadata.flags(packet), Packet.length(packet), 0))
                .isTrue();
        assertThat(headerBytes()).containsExactly(before);
    }

    @Test
    void aSegmentationThatIsLeftToBeDoneIsAskedForOnTheWayOut() {
        header(1, VnetHeader.TCP_IPV4, 1448, 34, 16);
        long original = unfinished();
        byte[] content = Packet.bytes(original);
        long packet = VnetHeader.apply(header, original, 0, true);
        assertThat(Metadata.has(packet, Metadata.SEND_TCP_SEGMENTATION)).isTrue();
        assertThat(Metadata.segmentSize(packet)).isEqualTo(1448);
        assertThat(Packet.bytes(packet)).isNotEqualTo(content); // metadata leaves the length out of the sum
        assertThat(VnetHeader.ask(header, packet, Metadata.flags(packet), Packet.length(packet), 0))
                .isTrue();
        assertThat(VnetHeader.type(header)).isEqualTo(VnetHeader.TCP_IPV4);
        assertThat(VnetHeader.segmentSize(header)).isEqualTo(1448);
        assertThat(VnetHeader.transportOffset(header)).isEqualTo(34);
        assertThat(Packet.bytes(packet)).containsExactly(content);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLongPacketOfSeveralSegmentsIsOneForTheKernel(boolean ipv6) {
        long packet = LongPacket.create(pool, ipv6, false, 7, 1401, 3, 2222);
        int total = Metadata.totalLength(packet);
        assertThat(VnetHeader.ask(header, packet, Metadata.flags(packet), total, 0))
                .isTrue();
        byte[] frame = new byte[total];
        int at = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            Packet.read(segment, 0, frame, at, Packet.length(segment));
            at += Packet.length(segment);
        }
        LongPacket.assertIsWhole(pool, frame, ipv6, false, 7 + 1401 + 3 + 2222);
    }

    @Test
    void aTagMovesWhatTheHeaderPointsAt() {
        header(1, 0, 0, 34, 16);
        long packet = VnetHeader.apply(header, unfinished(), 0, true);
        assertThat(VnetHeader.ask(header, packet, Metadata.flags(packet), Packet.length(packet), 4))
                .isTrue();
        assertThat(VnetHeader.transportOffset(header)).isEqualTo(38);
    }

    @Test
    void aHeaderThatDoesNotFitThePacketIsRefused() {
        header(1, 0, 0, 0xFFFF, 0xFFFF);
        assertThat(VnetHeader.apply(header, unfinished(), 0, true)).isZero();
        header(1, VnetHeader.TCP_IPV6, 1448, 34, 16);
        assertThat(VnetHeader.apply(header, unfinished(), 0, true)).isZero();
        header(1, VnetHeader.TCP_IPV4, 0, 34, 16);
        assertThat(VnetHeader.apply(header, unfinished(), 0, true)).isZero();
        header(0, VnetHeader.TCP_IPV4, 1448, 34, 16);
        assertThat(VnetHeader.apply(header, unfinished(), 0, true)).isZero();
    }

    @Test
    void noHeaderAndNoMetadataLeadsOutOfThePacket() {
        SplittableRandom random = new SplittableRandom(11);
        byte[] frame = Arrays.copyOf(tcp(), 80);
        for (int i = 0; i < 100_000; i++) {
            byte[] broken = frame.clone();
            broken[12 + random.nextInt(40)] = (byte) random.nextInt();
            long packet = pool.allocateCopy(Arrays.copyOf(broken, 14 + random.nextInt(66)));
            header(random.nextInt(4), random.nextInt(6), random.nextInt(), random.nextInt(90), random.nextInt(40));
            long applied = VnetHeader.apply(header, packet, 0, random.nextBoolean());
            long asking = Metadata.begin(packet);
            Metadata.setHeaderLengths(asking, random.nextInt(90), random.nextInt(90), random.nextInt(90));
            Metadata.setSegmentSize(asking, random.nextInt(2000));
            VnetHeader.ask(header, asking, random.nextInt() & 0x3F_0000, Packet.length(asking), 0);
            assertThat(applied == 0 || Packet.length(applied) == Packet.length(packet))
                    .isTrue();
            Packet.release(Metadata.end(asking));
        }
    }
}
