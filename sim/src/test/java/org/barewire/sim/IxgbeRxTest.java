package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.Offload;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RssConfig;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Receiving with the ixgbe driver: bursts, offloads, several segments, several queues, no buffers left.
class IxgbeRxTest {
    private final IxgbeBench bench = new IxgbeBench();
    private Ixgbe card = bench.open(bench.config());

    @AfterEach
    void noRuleIsBroken() {
        card.close();
        bench.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 32, 64, 65, 256})
    void burstsOfAnySizeReceiveEverythingInOrder(int burst) {
        RxQueue rx =
                open(bench.config().withPoolSize(1024).withDescriptors(512, 64)).rx(0);
        bench.step();
        long[] packets = new long[burst];
        int sent = 0;
        int received = 0;
        Random random = new Random(burst);
        while (received < 3000) {
            for (int i = random.nextInt(300); i > 0 && sent < 3000; i--) {
                byte[] frame = Frames.broadcast(60);
                Frames.put16(frame, 14, sent++);
                bench.arrive(frame);
            }
            int n;
            while ((n = rx.receive(packets)) > 0) {
                for (int i = 0; i < n; i++) {
                    assertThat(Packet.length(packets[i])).isEqualTo(60);
                    assertThat(Packet.getShort(packets[i], 14)).isEqualTo(received++);
                }
                PacketPool.release(packets, 0, n);
            }
        }
        assertThat(rx.statistics()).isEqualTo(new QueueStatistics(3000, 0, 0));
    }

    @Test
    void checksumsAreJudged() {
        RxQueue rx =
                open(bench.config().withOffloads(EnumSet.of(Offload.CHECKSUM))).rx(0);
        bench.step();
        int good4 = Metadata.IPV4_CHECKSUM_GOOD | Metadata.L4_CHECKSUM_GOOD;
        assertThat(flags(rx, Frames.tcp4(50))).isEqualTo(good4);
        assertThat(flags(rx, Frames.udp4(50))).isEqualTo(good4);
        assertThat(flags(rx, Frames.tcp6(50))).isEqualTo(Metadata.L4_CHECKSUM_GOOD);
        assertThat(flags(rx, Frames.udp6(50))).isEqualTo(Metadata.L4_CHECKSUM_GOOD);
        assertThat(flags(rx, Frames.broadcast(60))).isZero();
        assertThat(flags(rx, broken(Frames.tcp4(50), 24)))
                .isEqualTo(Metadata.IPV4_CHECKSUM_BAD | Metadata.L4_CHECKSUM_GOOD);
        assertThat(flags(rx, broken(Frames.tcp4(50), 60)))
                .isEqualTo(Metadata.IPV4_CHECKSUM_GOOD | Metadata.L4_CHECKSUM_BAD);
        assertThat(flags(rx, broken(Frames.udp6(50), 70))).isEqualTo(Metadata.L4_CHECKSUM_BAD);
    }

    @Test
    void aTagIsStripped() {
        RxQueue rx = open(bench.config().withOffloads(EnumSet.of(Offload.VLAN_STRIP)))
                .rx(0);
        bench.step();
        bench.arrive(Frames.tagged(Frames.broadcast(100), 0xA123));
        long packet = IxgbeBench.one(rx);
        assertThat(Metadata.has(packet, Metadata.VLAN_STRIPPED)).isTrue();
        assertThat(Metadata.vlan(packet)).isEqualTo(0xA123);
        assertThat(Packet.bytes(packet)).isEqualTo(Frames.broadcast(100));
        Packet.release(packet);
    }

    @Test
    void theHashIsReported() {
        RxQueue rx =
                open(bench.config().withOffloads(EnumSet.of(Offload.RSS_HASH))).rx(0);
        bench.step();
        bench.arrive(Frames.tcp4(50));
        long packet = IxgbeBench.one(rx);
        assertThat(Metadata.has(packet, Metadata.RSS_HASH)).isTrue();
        assertThat(Metadata.rssHash(packet)).isEqualTo(toeplitz(RssConfig.standard(), Frames.tcp4(50), 26, 12));
        Packet.release(packet);
    }

    @Test
    void damagedFramesAreCountedAndNotDelivered() {
        RxQueue rx = open(bench.config()).rx(0);
        bench.step();
        bench.arriveDamaged(Frames.broadcast(100));
        bench.arrive(Frames.broadcast(40));
        assertThat(rx.receive(new long[4])).isZero();
        assertThat(card.statistics().rxErrors()).isEqualTo(2);
        bench.arrive(Frames.broadcast(100));
        Packet.release(IxgbeBench.one(rx));
    }

    @Test
    void aJumboFrameIsAChain() {
        RxQueue rx = open(bench.config().withMtu(9000)).rx(0);
        bench.step();
        for (int length : new int[] {60, 3072, 3073, 9014, 9022}) {
            byte[] frame = Frames.broadcast(length);
            bench.arrive(length == 9022 ? Frames.tagged(Frames.tagged(Frames.broadcast(9014), 1), 1) : frame);
            long packet = IxgbeBench.one(rx);
            if (length <= 3072) {
                assertThat(Packet.hasMetadata(packet)).isFalse();
            } else {
                assertThat(Metadata.totalLength(packet)).isEqualTo(length);
            }
            if (length < 9022) {
                assertThat(chain(packet)).isEqualTo(frame);
            }
            Packet.release(packet);
        }
        bench.arrive(Frames.broadcast(9100));
        assertThat(rx.receive(new long[1])).isZero();
    }

    /// Chains of three go round a ring while the pool is exhausted at every place of a frame.
    @Test
    void framesThatFindNoBuffersWaitInTheCardOrAreMissedWhole() {
        RxQueue rx = open(bench.config().withMtu(9000).withPoolSize(129)).rx(0);
        bench.step();
        byte[] frame = Frames.broadcast(9000);
        List<Long> kept = new ArrayList<>();
        long[] packets = new long[8];
        int arrived = 0;
        int received = 0;
        for (int round = 0; round < 600 || received + card.statistics().rxMissed() < arrived; round++) {
            if (round < 600) {
                bench.arrive(frame);
                arrived++;
            }
            int n = rx.receive(packets);
            for (int i = 0; i < n; i++) {
                assertThat(chain(packets[i])).isEqualTo(frame);
                kept.add(packets[i]);
            }
            received += n;
            if (round % 197 == 196 || round >= 600) {
                kept.forEach(Packet::release);
                kept.clear();
            }
        }
        kept.forEach(Packet::release);
        assertThat(rx.statistics()).isEqualTo(new QueueStatistics(received, 0, 0));
        assertThat(received).isGreaterThan(20);
        assertThat(card.statistics().rxMissed()).isGreaterThan(20);
    }

    @Test
    void anExhaustedPoolLosesNothing() {
        RxQueue rx = open(bench.config().withPoolSize(128)).rx(0);
        bench.step();
        long[] packets = new long[300];
        int received = 0;
        for (int i = 0; i < 300; i++) {
            bench.arrive(Frames.broadcast(60));
            received += rx.receive(packets, received, 10);
        }
        assertThat(received).isEqualTo(64 + 128 - 1); // all but the buffer of the slot that the tail is at
        PacketPool.release(packets, 0, received);
        for (int i = 0; i < 9; i++) {
            int n = rx.receive(packets);
            PacketPool.release(packets, 0, n);
            received += n;
            bench.step();
        }
        assertThat(received).isEqualTo(300);
        assertThat(rx.statistics()).isEqualTo(new QueueStatistics(300, 0, 0));
    }

    @Test
    void aRingOfAnySizeHasBuffersToSpare() {
        for (int descriptors = 64; descriptors <= 4096; descriptors *= 2) {
            DeviceConfig config =
                    DeviceConfig.standard().withMemory(bench.memory).withDescriptors(descriptors, 64);
            for (DeviceConfig pool : List.of(config, config.withPoolSize(128))) {
                RxQueue rx = open(pool).rx(0);
                bench.step();
                long[] packets = new long[64];
                for (int i = 0; i < 64; i++) {
                    bench.arrive(Frames.broadcast(60));
                    assertThat(rx.receive(packets, i, 1)).isEqualTo(1);
                }
                bench.arrive(Frames.broadcast(60));
                Packet.release(IxgbeBench.one(rx));
                PacketPool.release(packets, 0, 64);
            }
        }
    }

    @Test
    void eachFlowGoesToTheQueueThatItsHashSays() {
        spread(RssConfig.standard());
        List<Integer> table = new ArrayList<>(Collections.nCopies(128, 3));
        Collections.fill(table.subList(0, 50), 1);
        spread(new RssConfig(
                "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728",
                RssConfig.standard().fields(),
                table));
        spread(new RssConfig("6d5a".repeat(20), Set.of(RssConfig.Field.IPV4), List.of()));
    }

    private void spread(RssConfig rss) {
        Ixgbe opened = open(bench.config().withQueues(4).withRss(rss));
        RxQueue[] queues = {opened.rx(0), opened.rx(1), opened.rx(2), opened.rx(3)};
        bench.step();
        boolean ports = rss.fields().contains(RssConfig.Field.IPV4_UDP);
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            byte[] frame = Frames.udp4(50);
            Frames.put16(frame, 28, random.nextInt(1 << 16));
            Frames.put16(frame, 34, random.nextInt(1 << 16));
            Frames.put16(frame, 36, random.nextInt(1 << 16));
            int hash = toeplitz(rss, frame, 26, ports ? 12 : 8);
            bench.arrive(frame);
            long packet = IxgbeBench.one(queues[rss.queue(hash & 127, 4)]);
            assertThat(Packet.bytes(packet)).isEqualTo(frame);
            Packet.release(packet);
        }
        card.close();
    }

    @Test
    void sixtyFourQueuesOpen() {
        open(bench.config().withQueues(64).withPoolSize(128));
        for (int i = 0; i < 64; i++) {
            assertThat(card.rx(i)).isSameAs(card.rx(i));
            assertThat(card.tx(i)).isSameAs(card.tx(i));
        }
        assertThat(card.rxQueues()).isEqualTo(64);
        assertThatThrownBy(() -> card.rx(64))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("?queues=65");
        assertThatThrownBy(() -> card.tx(-1)).isInstanceOf(DeviceException.class);
    }

    @Test
    void aQueueIsUsedByARelayOrByItself() {
        open(bench.config().withQueues(2));
        card.rx(0);
        List<Ixgbe> self = List.of(card);
        assertThatThrownBy(() -> card.relay(0, self, 0, p -> PacketHandler.DROP))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("receive queue 0 is in use");
        assertThatThrownBy(() -> card.relay(1, self, 9, p -> PacketHandler.DROP))
                .isInstanceOf(DeviceException.class);
        card.tx(0);
        var relay = card.relay(1, self, 1, p -> PacketHandler.DROP);
        assertThat(relay.inPlace()).isTrue();
        assertThatThrownBy(() -> card.rx(1)).isInstanceOf(DeviceException.class).hasMessageContaining("relay");
        assertThatThrownBy(() -> card.tx(1)).isInstanceOf(DeviceException.class).hasMessageContaining("relay");
        relay.close();
        assertThat(card.rx(1)).isNotNull();
        assertThat(card.tx(1)).isNotNull();
    }

    private Ixgbe open(DeviceConfig config) {
        card.close();
        card = bench.open(config);
        return card;
    }

    private int flags(RxQueue rx, byte[] frame) {
        bench.arrive(frame);
        long packet = IxgbeBench.one(rx);
        assertThat(Packet.bytes(packet)).isEqualTo(frame);
        int flags = Metadata.flags(packet);
        Packet.release(packet);
        return flags;
    }

    private static byte[] broken(byte[] frame, int offset) {
        frame[offset] ^= 1;
        return frame;
    }

    private static byte[] chain(long packet) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (long segment = packet; segment != 0; segment = Packet.hasMetadata(segment) ? Metadata.next(segment) : 0) {
            out.writeBytes(Packet.bytes(segment));
        }
        return out.toByteArray();
    }

    /// Microsoft's definition: for each bit that is set, the 32 bits of the key from there on.
    private static int toeplitz(RssConfig rss, byte[] frame, int from, int length) {
        BigInteger key = new BigInteger(rss.key(), 16);
        int hash = 0;
        for (int bit = 0; bit < 8 * length; bit++) {
            if ((frame[from + bit / 8] & 0x80 >> bit % 8) != 0) {
                hash ^= key.shiftRight(320 - 32 - bit).intValue();
            }
        }
        return hash;
    }
}
