package org.barewire.drivers.afpacket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;
import org.barewire.core.packet.Vlan;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CutterTest {
    private static final int SIZE = 1000;

    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 32, 4096);
    private final Cutter cutter = new Cutter(PacketMemory.standard());
    private final byte[] payload = new byte[2501];

    CutterTest() {
        new SplittableRandom(1).nextBytes(payload);
    }

    @AfterEach
    void free() {
        cutter.free();
        pool.close();
    }

    private byte[] tcp(String source, String destination) {
        FrameBuilder frame = FrameBuilder.ethernet();
        FrameBuilder ip = source.contains(":") ? frame.ipv6(source, destination) : frame.ipv4(source, destination);
        return ip.tcp(1, 2, 0xFFFF_FFF0, 7, Tcp.ACK | Tcp.PSH | Tcp.FIN | Tcp.CWR)
                .payload(payload)
                .build();
    }

    private boolean begin(long packet, int total, int tag, int transport, boolean udp) {
        return cutter.begin(
                Packet.address(packet),
                Packet.length(packet),
                Packet.next(packet),
                total,
                tag,
                14,
                transport,
                udp,
                SIZE);
    }

    private List<Long> cutAll() {
        List<Long> frames = new ArrayList<>();
        while (cutter.isBusy()) {
            long frame = Packet.resize(pool.allocate(), cutter.frameLength());
            cutter.cut(Packet.address(frame));
            frames.add(frame);
        }
        return frames;
    }

    private void assertValid(List<Long> frames) {
        List<Byte> content = new ArrayList<>();
        for (long frame : frames) {
            long headers = Headers.parse(frame);
            assertThat(Headers.isMalformed(headers)).isFalse();
            assertThat(Checksum.isTransportValid(frame, headers)).isTrue();
            if (Headers.isIpv4(headers)) {
                assertThat(Ipv4.isChecksumValid(frame, Headers.networkOffset(headers)))
                        .isTrue();
            }
            byte[] bytes = Packet.bytes(frame);
            for (byte b : Arrays.copyOfRange(bytes, Headers.payloadOffset(headers), bytes.length)) {
                content.add(b);
            }
        }
        assertThat(content).hasSize(payload.length);
        for (int i = 0; i < payload.length; i++) {
            assertThat(content.get(i)).isEqualTo(payload[i]);
        }
    }

    @Test
    void everyFrameHasHeadersAndChecksumsOfItsOwn() {
        long packet = pool.allocateCopy(tcp("10.0.0.1", "10.0.0.2"));
        assertThat(begin(packet, Packet.length(packet), 0, 34, false)).isTrue();
        assertThat(cutter.frames()).isEqualTo(3);
        List<Long> frames = cutAll();
        assertThat(frames).hasSize(3);
        assertValid(frames);
        assertThat(frames).map(frame -> Tcp.sequence(frame, 34)).containsExactly(0xFFFF_FFF0, 984, 1984);
        assertThat(frames)
                .map(frame -> Tcp.flags(frame, 34))
                .containsExactly(Tcp.ACK | Tcp.CWR, Tcp.ACK, Tcp.ACK | Tcp.PSH | Tcp.FIN);
        int id = Ipv4.id(frames.getFirst(), 14);
        assertThat(frames).map(frame -> Ipv4.id(frame, 14)).containsExactly(id, id + 1, id + 2);
    }

    @Test
    void ipv6AndUdpAreCutToo() {
        long packet = pool.allocateCopy(tcp("2001:db8::1", "2001:db8::2"));
        assertThat(begin(packet, Packet.length(packet), 0, 54, false)).isTrue();
        assertValid(cutAll());
        long datagram = pool.allocateCopy(FrameBuilder.ethernet()
                .ipv4("10.0.0.1", "10.0.0.2")
                .udp(5, 6)
                .payload(payload)
                .build());
        assertThat(begin(datagram, Packet.length(datagram), 0, 34, true)).isTrue();
        assertValid(cutAll());
    }

    @Test
    void aTagIsPutInEveryFrame() {
        long packet = pool.allocateCopy(tcp("10.0.0.1", "10.0.0.2"));
        assertThat(begin(packet, Packet.length(packet), 0x8100_2007, 34, false)).isTrue();
        List<Long> frames = cutAll();
        assertValid(frames);
        assertThat(frames)
                .allSatisfy(frame -> assertThat(Vlan.control(frame, 14)).isEqualTo(0x2007));
    }

    @Test
    void thePayloadMayLieInSeveralSegments() {
        byte[] whole = tcp("10.0.0.1", "10.0.0.2");
        long first = Metadata.begin(pool.allocateCopy(Arrays.copyOf(whole, 60)));
        long second = Metadata.begin(pool.allocateCopy(Arrays.copyOfRange(whole, 60, 1777)));
        Metadata.setNext(second, pool.allocateCopy(Arrays.copyOfRange(whole, 1777, whole.length)));
        Metadata.setNext(first, second);
        assertThat(begin(first, whole.length, 0, 34, false)).isTrue();
        assertValid(cutAll());
    }

    @Test
    void headersThatAreNotThereAreRefused() {
        byte[] whole = tcp("10.0.0.1", "10.0.0.2");
        for (int length = 0; length <= 54; length++) {
            long packet = pool.allocateCopy(Arrays.copyOf(whole, length));
            assertThat(begin(packet, length, 0, 34, false))
                    .as("%d bytes", length)
                    .isFalse();
            assertThat(cutter.isBusy()).isFalse();
            Packet.release(packet);
        }
        whole[46] = (byte) 0xF0; // a TCP header of 60 bytes is there, one of 16 is not one
        assertThat(begin(pool.allocateCopy(whole), whole.length, 0, 34, false)).isTrue();
        cutter.stop();
        whole[46] = 0x00;
        assertThat(begin(pool.allocateCopy(whole), whole.length, 0, 34, false)).isFalse();
        whole[14] = 0x35; // neither IPv4 nor IPv6
        assertThat(begin(pool.allocateCopy(whole), whole.length, 0, 34, false)).isFalse();
    }
}
