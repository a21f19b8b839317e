package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Ipv6;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sending with the ixgbe driver: offloads, packets that can't be sent, the ring.
class IxgbeTxTest {
    private static final int SLOTS = 1000;

    private final IxgbeBench bench = new IxgbeBench();
    private Ixgbe card;
    private TxQueue tx;
    private PacketPool pool;

    @BeforeEach
    void open() {
        card = bench.open(bench.config());
        tx = card.tx(0);
        pool = PacketPool.create(bench.memory, SLOTS);
        bench.step();
    }

    @AfterEach
    void everythingComesHome() {
        bench.step();
        assertThat(tx.reclaim()).isZero();
        assertThat(pool.available()).isEqualTo(SLOTS);
        card.close();
        assertThat(bench.released).isEqualTo(1);
        pool.close();
        bench.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp4", "udp4", "tcp6", "udp6"})
    void missingChecksumsAreFilledIn(String kind) {
        byte[] whole = frame(kind, 101);
        send(withChecksums(whole.clone()));
        assertThat(bench.frames).singleElement().isEqualTo(whole);
    }

    @Test
    void aTagIsInserted() {
        long packet = Metadata.begin(pool.allocateCopy(Frames.broadcast(100)));
        Metadata.setFlags(packet, Metadata.SEND_VLAN);
        Metadata.setVlan(packet, 0x6123);
        send(packet);
        assertThat(bench.frames).singleElement().isEqualTo(Frames.tagged(Frames.broadcast(100), 0x6123));
    }

    @Test
    void aTagAndChecksumsAreInserted() {
        byte[] whole = Frames.tcp4(33);
        long packet = withChecksums(whole.clone());
        Metadata.setFlags(packet, Metadata.flags(packet) | Metadata.SEND_VLAN);
        Metadata.setVlan(packet, 7);
        send(packet);
        assertThat(bench.frames).singleElement().isEqualTo(Frames.tagged(whole, 7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp4", "tcp6"})
    void aLongPacketIsCutIntoSegmentsThatAreRight(String kind) {
        int size = 500;
        byte[] whole = frame(kind, 1600);
        long packet = withChecksums(whole.clone());
        long headers = Headers.parse(packet);
        Metadata.setFlags(packet, Metadata.flags(packet) | Metadata.SEND_TCP_SEGMENTATION);
        Metadata.setSegmentSize(packet, size);
        Checksum.fillPseudoHeaderForSegmentation(packet, headers);
        int start = Headers.payloadOffset(headers);
        int tcp = Headers.transportOffset(headers);
        int sequence = Tcp.sequence(packet, tcp);
        send(packet);
        assertThat(bench.frames).hasSize(4);
        for (int i = 0; i < 4; i++) {
            long segment = pool.allocateCopy(bench.frames.get(i));
            long found = Headers.parse(segment);
            assertThat(Headers.isTcp(found)).isTrue();
            assertThat(Checksum.isTransportValid(segment, found)).isTrue();
            if (Headers.isIpv4(found)) {
                assertThat(Checksum.sum(segment, 14, 20)).isEqualTo(0xFFFF);
                assertThat(Ipv4.totalLength(segment, 14)).isEqualTo(Packet.length(segment) - 14);
            } else {
                assertThat(Ipv6.payloadLength(segment, 14)).isEqualTo(Packet.length(segment) - 54);
            }
            assertThat(Tcp.sequence(segment, tcp)).isEqualTo(sequence + i * size);
            byte[] expected =
                    Arrays.copyOfRange(whole, start + i * size, Math.min(whole.length, start + (i + 1) * size));
            byte[] bytes = Packet.bytes(segment);
            assertThat(Arrays.copyOfRange(bytes, start, bytes.length)).isEqualTo(expected);
            Packet.release(segment);
        }
    }

    @Test
    void equalRequestsShareOneContext() {
        for (int i = 0; i < 3; i++) {
            send(withChecksums(Frames.udp4(40)));
        }
        int afterThree = bench.writes(Reg.tdt(0)).getLast();
        assertThat(afterThree).isEqualTo(4);
        send(withChecksums(Frames.tcp4(40)));
        assertThat(bench.writes(Reg.tdt(0)).getLast()).isEqualTo(6);
    }

    @Test
    void aChainLeavesAsOneFrame() {
        byte[] whole = Frames.broadcast(1200);
        send(chain(whole, 40, 30));
        assertThat(bench.frames).singleElement().isEqualTo(whole);
    }

    @Test
    void aChainOfTheMostSegmentsLeaves() {
        byte[] whole = Frames.broadcast(1200);
        send(chain(whole, 32, 38));
        assertThat(bench.frames).singleElement().isEqualTo(whole);
    }

    @Test
    void whatCannotBeSentIsReleasedAndCountedAndTheQueueGoesOn() {
        byte[] good = Frames.broadcast(60);
        long tooManySegments = chain(Frames.broadcast(1248), 32, 39);
        long emptySegment = chain(Frames.broadcast(60), 30, 2);
        Metadata.setNext(emptySegment, Packet.resize(Metadata.next(emptySegment), 0));
        long noSegmentSize = withChecksums(Frames.tcp4(1000));
        Metadata.setFlags(noSegmentSize, Metadata.flags(noSegmentSize) | Metadata.SEND_TCP_SEGMENTATION);
        long headersBeyondTheEnd = Metadata.begin(pool.allocateCopy(good));
        Metadata.setFlags(headersBeyondTheEnd, Metadata.SEND_IPV4_CHECKSUM);
        Metadata.setHeaderLengths(headersBeyondTheEnd, 14, 60, 0);
        long noHeaders = Metadata.begin(pool.allocateCopy(good));
        Metadata.setFlags(noHeaders, Metadata.SEND_TCP_CHECKSUM);
        long[] packets = {
            pool.allocateCopy(good),
            pool.allocate(),
            Packet.resize(pool.allocate(), 16),
            Packet.resize(pool.allocate(), 1523),
            tooManySegments,
            emptySegment,
            noSegmentSize,
            headersBeyondTheEnd,
            noHeaders,
            pool.allocateCopy(good)
        };
        assertThat(tx.send(packets, 0, packets.length)).isEqualTo(packets.length);
        bench.step();
        assertThat(bench.frames).hasSize(2).allMatch(frame -> Arrays.equals(frame, good));
        assertThat(tx.statistics()).isEqualTo(new QueueStatistics(2, 0, 8));
    }

    @Test
    void whatFindsNoRoomIsReleasedAndCounted() {
        long[] packets = IxgbeBench.copies(pool, Frames.broadcast(60), 100);
        assertThat(tx.sendOrRelease(packets, 100)).isEqualTo(63);
        assertThat(tx.statistics()).isEqualTo(new QueueStatistics(63, 37, 0));
    }

    @Test
    void packetsOfSeveralPoolsGoHomeToTheirOwn() {
        PacketPool other = PacketPool.create(bench.memory, 100, 4096);
        for (int i = 0; i < 300; i++) {
            PacketPool from = i % 3 == 0 ? other : pool;
            send(from.allocateCopy(Frames.broadcast(60)));
        }
        assertThat(tx.reclaim()).isZero();
        assertThat(other.available()).isEqualTo(100);
        assertThat(bench.frames).hasSize(300);
        other.close();
    }

    /// The room that the ring has is never lost, whatever lies at the end of a group.
    @Test
    void aRingOfMixedPacketsGoesRound() {
        Random random = new Random(1);
        byte[] plain = Frames.broadcast(60);
        byte[] long1 = Frames.broadcast(1000);
        byte[][] whole = {Frames.udp4(40), Frames.tcp4(64), Frames.udp6(32)};
        long[] packets = new long[7];
        int sent = 0;
        int idle = 0;
        while (sent < 100_000) {
            int n = 1 + random.nextInt(packets.length);
            for (int i = 0; i < n; i++) {
                int kind = random.nextInt(6);
                packets[i] = kind < 2
                        ? pool.allocateCopy(plain)
                        : kind == 2 ? chain(long1, 25 + random.nextInt(300), 38) : withChecksums(whole[kind - 3]);
            }
            for (int done = 0; done < n; ) {
                int taken = tx.send(packets, done, n - done);
                done += taken;
                idle = taken == 0 ? idle + 1 : 0;
                assertThat(idle).as("sends in a row that found no room").isLessThan(5);
                bench.step();
            }
            sent += n;
        }
        assertThat(tx.statistics()).isEqualTo(new QueueStatistics(sent, 0, 0));
        assertThat(bench.frames).hasSize(sent);
        for (byte[] frame : bench.frames) {
            boolean known = Arrays.equals(frame, plain)
                    || Arrays.equals(frame, long1)
                    || Arrays.stream(whole).anyMatch(w -> Arrays.equals(w, frame));
            assertThat(known).isTrue();
        }
    }

    @Test
    void whatWaitsForAPulledCableComesHome() {
        bench.wire.right().disconnect();
        bench.step();
        long[] packets = IxgbeBench.copies(pool, Frames.broadcast(60), 40);
        assertThat(tx.send(packets, 0, 40)).isEqualTo(40);
        card.close();
        assertThat(pool.available()).isEqualTo(SLOTS);
    }

    private void send(long packet) {
        assertThat(tx.send(new long[] {packet}, 0, 1)).isEqualTo(1);
        bench.step();
    }

    private static byte[] frame(String kind, int payload) {
        return switch (kind) {
            case "tcp4" -> Frames.tcp4(payload);
            case "udp4" -> Frames.udp4(payload);
            case "tcp6" -> Frames.tcp6(payload);
            default -> Frames.udp6(payload);
        };
    }

    /// A packet whose checksums the device is to fill in.
    private long withChecksums(byte[] frame) {
        long packet = Metadata.begin(pool.allocateCopy(frame));
        long headers = Headers.parse(packet);
        int flags = Headers.isTcp(headers) ? Metadata.SEND_TCP_CHECKSUM : Metadata.SEND_UDP_CHECKSUM;
        if (Headers.isIpv4(headers)) {
            flags |= Metadata.SEND_IPV4_CHECKSUM;
            Packet.setShort(packet, 24, 0);
        } else {
            flags |= Metadata.SEND_IPV6;
        }
        Checksum.fillPseudoHeader(packet, headers);
        Metadata.setFlags(packet, flags);
        Metadata.setHeaderLengths(
                packet, 14, Headers.networkHeaderLength(headers), Headers.transportHeaderLength(headers));
        return packet;
    }

    /// A frame in segments of `size` bytes, the last of at most `most` taking the rest.
    private long chain(byte[] frame, int size, int most) {
        long next = 0;
        int segments = Math.min(most, (frame.length + size - 1) / size);
        for (int i = segments - 1; i >= 0; i--) {
            int end = i == segments - 1 ? frame.length : (i + 1) * size;
            long segment = Metadata.begin(pool.allocateCopy(Arrays.copyOfRange(frame, i * size, end)));
            Metadata.setNext(segment, next);
            next = segment;
        }
        Metadata.setTotalLength(next, frame.length);
        return next;
    }
}
