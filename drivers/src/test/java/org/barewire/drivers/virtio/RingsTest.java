package org.barewire.drivers.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.LongPacket;
import org.barewire.drivers.peer.Allocation;
import org.barewire.drivers.vhost.VirtioNet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Both kinds of rings against a device that follows the specification.
class RingsTest {
    private static final long V1 = VirtioNet.F_VERSION_1;

    private final long[] out = new long[32];
    private final long[] in = new long[32];

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void packetsOfEveryLengthGoThrough(boolean packed) {
        for (long features : new long[] {V1, 0, V1 | VirtioNet.F_MRG_RXBUF, V1 | VirtioNet.F_IN_ORDER}) {
            try (Rings rings = new Rings(packed, features)) {
                int header = VirtioNet.headerLength(features);
                rings.rx.receive(in, 0, 32);
                for (int length = 1; length <= Rings.LONGEST; length += 7) {
                    byte[] frame = frame(length);
                    out[0] = rings.packets.allocateCopy(frame);
                    assertThat(rings.tx.send(out, 0, 1)).isEqualTo(1);
                    RingDevice.Buffer sent = take(rings.txDevice);
                    byte[] bytes = sent.bytes();
                    assertThat(Arrays.copyOf(bytes, header)).containsOnly(0);
                    assertThat(Arrays.copyOfRange(bytes, header, bytes.length)).isEqualTo(frame);
                    rings.txDevice.use(sent, 0);
                    bytes[header - 2] = (byte) (header == VirtioNet.HEADER ? 1 : 0);
                    assertThat(rings.rxDevice.deliver(bytes)).isTrue();
                    assertThat(rings.rx.receive(in, 0, 32)).isEqualTo(1);
                    assertThat(Packet.bytes(in[0])).isEqualTo(frame);
                    Packet.release(in[0]);
                }
                rings.tx.clean();
                assertThat(rings.packets.available()).isEqualTo(rings.packets.slots());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void segmentsAreSentAsOnePacket(boolean packed) {
        for (long features : new long[] {V1, V1 | VirtioNet.F_INDIRECT_DESC, V1 | VirtioNet.F_IN_ORDER}) {
            try (Rings rings = new Rings(packed, features)) {
                for (int round = 0; round < 50; round++) {
                    long[] packets = {chain(rings, 1 + round % 5), chain(rings, 3), chain(rings, 1)};
                    assertThat(rings.tx.send(packets, 0, 3)).isEqualTo(3);
                    for (int segments : new int[] {1 + round % 5, 3, 1}) {
                        RingDevice.Buffer sent = take(rings.txDevice);
                        assertThat(sent.length()).isEqualTo(12 + 100 * segments);
                        assertThat(sent.pieces()).hasSize(segments);
                        rings.txDevice.use(sent, 0);
                    }
                    rings.tx.clean();
                    assertThat(rings.tx.room()).isEqualTo(Rings.SIZE);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFullRingTakesNoMore(boolean packed) {
        try (Rings rings = new Rings(packed, V1)) {
            int sent = 0;
            for (int i = 0; i < 100; i++) {
                out[0] = i % 3 == 0 ? chain(rings, 4) : rings.packets.allocateCopy(frame(60));
                int n = rings.tx.send(out, 0, 1);
                sent += n;
                if (n == 0) {
                    Packet.release(out[0]);
                }
            }
            assertThat(rings.tx.room()).isLessThan(4);
            for (int i = 0; i < sent; i++) {
                rings.txDevice.use(take(rings.txDevice), 0);
            }
            assertThat(rings.txDevice.take()).isNull();
            rings.tx.clean();
            assertThat(rings.tx.room()).isEqualTo(Rings.SIZE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void buffersMayComeBackInAnyOrder(boolean packed) {
        try (Rings rings = new Rings(packed, V1)) {
            Random random = new Random(1);
            rings.rx.receive(in, 0, 32);
            for (int round = 0; round < 100; round++) {
                List<RingDevice.Buffer> sent = new ArrayList<>();
                List<RingDevice.Buffer> waiting = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    out[i] = rings.packets.allocateCopy(frame(60 + i));
                    waiting.add(take(rings.rxDevice));
                }
                assertThat(rings.tx.send(out, 0, 20)).isEqualTo(20);
                for (int i = 0; i < 20; i++) {
                    sent.add(take(rings.txDevice));
                }
                Collections.shuffle(sent, random);
                Collections.shuffle(waiting, random);
                sent.forEach(buffer -> rings.txDevice.use(buffer, 0));
                waiting.forEach(buffer -> rings.rxDevice.use(buffer, 72));
                rings.tx.clean();
                assertThat(rings.packets.available()).isEqualTo(rings.packets.slots());
                assertThat(rings.rx.receive(in, 0, 32)).isEqualTo(20);
                for (int i = 0; i < 20; i++) {
                    assertThat(Packet.length(in[i])).isEqualTo(60);
                    Packet.release(in[i]);
                }
            }
            assertThat(Counter.ERRORS.get(rings.rxCounters)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInOrderDeviceMayReportTheLastOfABatchOnly(boolean packed) {
        try (Rings rings = new Rings(packed, V1 | VirtioNet.F_IN_ORDER)) {
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 5; i++) {
                    out[i] = chain(rings, 1 + i % 2);
                }
                rings.tx.send(out, 0, 5);
                List<RingDevice.Buffer> sent = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    sent.add(take(rings.txDevice));
                }
                rings.txDevice.useBatch(sent);
                rings.tx.clean();
                assertThat(rings.tx.room()).isEqualTo(Rings.SIZE);
                assertThat(rings.packets.available()).isEqualTo(rings.packets.slots());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPacketInSeveralBuffersIsPutTogether(boolean packed) {
        try (Rings rings = new Rings(packed, V1 | VirtioNet.F_MRG_RXBUF)) {
            rings.rx.receive(in, 0, 32);
            byte[] first = new byte[512];
            first[10] = 3;
            first[100] = 1;
            rings.rxDevice.deliver(first);
            assertThat(rings.rx.receive(in, 0, 32)).isZero();
            byte[] second = new byte[700];
            second[0] = 2;
            rings.rxDevice.deliver(second);
            byte[] third = new byte[100];
            third[99] = 3;
            rings.rxDevice.deliver(third);
            assertThat(rings.rx.receive(in, 0, 32)).isEqualTo(1);
            long packet = in[0];
            assertThat(Metadata.totalLength(packet)).isEqualTo(1300);
            assertThat(Packet.length(packet)).isEqualTo(500);
            assertThat(Packet.getByte(packet, 88)).isEqualTo(1);
            assertThat(Packet.getByte(Packet.next(packet), 0)).isEqualTo(2);
            assertThat(Packet.getByte(Packet.next(Packet.next(packet)), 99)).isEqualTo(3);
            Packet.release(packet);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChecksumThatTheDeviceCanDoIsLeftToIt(boolean packed) {
        try (Rings rings = new Rings(packed, V1 | VirtioNet.F_CSUM)) {
            out[0] = tcp(rings, Metadata.SEND_TCP_CHECKSUM | Metadata.SEND_IPV4_CHECKSUM, 0);
            rings.tx.send(out, 0, 1);
            byte[] sent = take(rings.txDevice).bytes();
            assertThat(sent).startsWith(VirtioNet.NEEDS_CSUM, 0, 0, 0, 0, 0, 34, 0, 16, 0, 0, 0);
            long copy = copy(rings, sent, 12);
            assertThat(Checksum.of(copy, 14, 20)).isZero(); // of the IPv4 header, which virtio leaves to the driver
            Packet.release(copy);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChecksumThatTheDeviceCannotDoIsComputed(boolean packed) {
        try (Rings rings = new Rings(packed, V1)) {
            out[0] = tcp(rings, Metadata.SEND_TCP_CHECKSUM | Metadata.SEND_IPV4_CHECKSUM | Metadata.SEND_VLAN, 0);
            Metadata.setVlan(out[0], 0x2005);
            rings.tx.send(out, 0, 1);
            byte[] sent = take(rings.txDevice).bytes();
            assertThat(Arrays.copyOf(sent, 12)).containsOnly(0);
            long copy = copy(rings, sent, 12);
            assertThat(Packet.getInt(copy, 12)).isEqualTo(0x8100_2005);
            assertThat(Checksum.isTransportValid(copy, Headers.parse(copy))).isTrue();
            Packet.release(copy);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLongPacketIsLeftToTheDeviceAndComesBackAsItWas(boolean packed) {
        long features = V1 | VirtioNet.F_CSUM | VirtioNet.F_GUEST_CSUM | VirtioNet.F_HOST_TSO4 | VirtioNet.F_GUEST_TSO4;
        try (Rings rings = new Rings(packed, features)) {
            rings.rx.receive(in, 0, 32);
            out[0] = tcp(rings, Metadata.SEND_TCP_SEGMENTATION, 500);
            int checksum = Packet.getShort(out[0], 50);
            rings.tx.send(out, 0, 1);
            byte[] sent = take(rings.txDevice).bytes();
            assertThat(sent).startsWith(1, VirtioNet.GSO_TCPV4, 54, 0, 244, 1, 34, 0, 16, 0, 0, 0);
            rings.rxDevice.deliver(sent);
            assertThat(rings.rx.receive(in, 0, 32)).isEqualTo(1);
            assertThat(Metadata.has(in[0], Metadata.SEND_TCP_SEGMENTATION)).isTrue();
            assertThat(Metadata.has(in[0], Metadata.L4_CHECKSUM_GOOD)).isTrue();
            assertThat(Metadata.segmentSize(in[0])).isEqualTo(500);
            assertThat(Metadata.transportLength(in[0])).isEqualTo(20);
            assertThat(Packet.getShort(in[0], 50)).isEqualTo(checksum);
            Packet.release(in[0]);
        }
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void aLongPacketOfSeveralSegmentsIsOneForTheDevice(boolean packed, boolean ipv6) {
        long features = V1 | VirtioNet.F_CSUM | VirtioNet.F_HOST_TSO4 | VirtioNet.F_HOST_TSO6;
        for (boolean tagged : new boolean[] {false, true}) {
            try (Rings rings = new Rings(packed, features)) {
                out[0] = LongPacket.create(rings.packets, ipv6, tagged, 7, 1401, 3, 1000, 2);
                assertThat(rings.tx.send(out, 0, 1)).isEqualTo(1);
                byte[] sent = take(rings.txDevice).bytes();
                int network = tagged ? 18 : 14;
                int transport = network + (ipv6 ? 40 : 20);
                int type = ipv6 ? VirtioNet.GSO_TCPV6 : VirtioNet.GSO_TCPV4;
                assertThat(sent).startsWith(1, type, transport + 20, 0, 244, 1, transport, 0, 16, 0, 0, 0);
                byte[] frame = Arrays.copyOfRange(sent, 12, sent.length);
                LongPacket.assertIsWhole(rings.packets, frame, ipv6, tagged, 7 + 1401 + 3 + 1000 + 2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatCannotBeSentIsCountedAndReleased(boolean packed) {
        try (Rings rings = new Rings(packed, V1)) {
            out[0] = tcp(rings, Metadata.SEND_TCP_SEGMENTATION, 500); // the device can't
            out[1] = Packet.resize(rings.packets.allocate(), Rings.LONGEST + 1);
            out[2] = rings.packets.allocate(); // empty
            out[3] = rings.packets.allocateCopy(frame(60));
            assertThat(rings.tx.send(out, 0, 4)).isEqualTo(4);
            assertThat(Counter.ERRORS.get(rings.txCounters)).isEqualTo(3);
            assertThat(Counter.NOT_POSSIBLE.get(rings.txCounters)).isEqualTo(1);
            assertThat(Counter.TOO_LONG.get(rings.txCounters)).isEqualTo(2);
            assertThat(Counter.PACKETS.get(rings.txCounters)).isEqualTo(1);
            assertThat(take(rings.txDevice).length()).isEqualTo(72);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDeviceIsNotifiedWhenItWantsToBe(boolean packed) {
        try (Rings rings = new Rings(packed, V1)) {
            assertThat(notifications(rings, r -> r.tx.send(out, 0, 1))).isEqualTo(1);
            long flags = rings.txLayout.device() + (packed ? VirtioNet.EVENT_FLAGS : VirtioNet.RING_FLAGS);
            Memory.putShort(flags, (short) 1); // EVENT_DISABLE and RING_NO_NOTIFY
            assertThat(notifications(rings, r -> r.tx.send(out, 0, 1))).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDeviceIsNotifiedAtTheIndexItNames(boolean packed) {
        try (Rings rings = new Rings(packed, V1 | VirtioNet.F_EVENT_IDX)) {
            int index = 3; // when the fourth packet has been made available
            if (packed) {
                Memory.putInt(rings.txLayout.device(), VirtioNet.EVENT_DESC << 16 | 1 << 15 | index);
            } else {
                Memory.putShort(rings.txLayout.device() + 4 + 8 * Rings.SIZE, (short) index);
            }
            for (int packet = 0; packet < 10; packet++) {
                boolean wanted = packed ? packet >= index : packet == index; // packed: until the device asks anew
                int expected = wanted ? 1 : 0;
                assertThat(notifications(rings, r -> r.tx.send(out, 0, 1))).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("unchecked") // looking an address up in the list of mappings allocates
    @Tag("slow")
    void movingPacketsAllocatesNothing(boolean packed) {
        try (Rings rings = new Rings(packed, V1)) {
            run(rings, 1_000_000);
            Allocation.assertNone(() -> run(rings, 10_000_000));
        }
    }

    private void run(Rings rings, int packets) {
        int received = 0;
        while (received < packets) {
            int n = rings.packets.allocate(out, 0, 16);
            for (int i = 0; i < n; i++) {
                out[i] = Packet.resize(out[i], 60);
            }
            int sent = rings.tx.send(out, 0, n);
            PacketPool.release(out, sent, n - sent);
            while (rings.txDevice.recycle(0)) {
                rings.rxDevice.recycle(72);
            }
            n = rings.rx.receive(in, 0, 32);
            PacketPool.release(in, 0, n);
            received += n;
        }
    }

    private int notifications(Rings rings, ToIntFunction<Rings> action) {
        int before = rings.notifications;
        out[0] = rings.packets.allocateCopy(frame(60));
        assertThat(action.applyAsInt(rings)).isEqualTo(1);
        return rings.notifications - before;
    }

    private static RingDevice.Buffer take(RingDevice device) {
        return Objects.requireNonNull(device.take());
    }

    private static byte[] frame(int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) (i * 31 + length);
        }
        return frame;
    }

    private static long chain(Rings rings, int segments) {
        long chain = 0;
        for (int i = 0; i < segments; i++) {
            long segment = rings.packets.allocateCopy(frame(100));
            if (chain != 0) {
                segment = Metadata.begin(segment);
                Metadata.setNext(segment, chain);
            }
            chain = segment;
        }
        return chain;
    }

    /// An IPv4 TCP packet of 1014 bytes, with header lengths and the checksum that its requests want.
    private static long tcp(Rings rings, int flags, int segmentSize) {
        byte[] frame = FrameBuilder.ethernet()
                .ipv4("192.0.2.1", "192.0.2.2")
                .tcp(1, 2, 3, 4, 0x10)
                .payload(frame(960))
                .build();
        long packet = Metadata.begin(rings.packets.allocateCopy(frame));
        Metadata.setFlags(packet, flags);
        Metadata.setHeaderLengths(packet, 14, 20, 20);
        Metadata.setSegmentSize(packet, segmentSize);
        long headers = Headers.parse(packet);
        if (segmentSize > 0) {
            Checksum.fillPseudoHeaderForSegmentation(packet, headers);
        } else {
            Checksum.fillPseudoHeader(packet, headers);
        }
        return packet;
    }

    private static long copy(Rings rings, byte[] sent, int from) {
        return rings.packets.allocateCopy(Arrays.copyOfRange(sent, from, sent.length));
    }
}
