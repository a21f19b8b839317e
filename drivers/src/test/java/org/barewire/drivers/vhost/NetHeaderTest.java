package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.LongPacket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetHeaderTest {
    private static final long LONG = VirtioNet.F_GUEST_CSUM | VirtioNet.F_GUEST_TSO4 | VirtioNet.F_GUEST_TSO6;

    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 64, 4096);

    @AfterEach
    void everyBufferIsBack() {
        assertThat(pool.available()).isEqualTo(64);
        pool.close();
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void aLongPacketOfSeveralSegmentsIsOneForTheDriver(boolean ipv6, boolean tagged) {
        NetHeader header = new NetHeader(LONG);
        long packet = header.encode(LongPacket.create(pool, ipv6, tagged, 7, 1401, 3, 2222));
        int network = tagged ? 18 : 14;
        int transport = network + (ipv6 ? 40 : 20);
        assertThat(header.first & 0xFFFF)
                .isEqualTo(VirtioNet.NEEDS_CSUM | (ipv6 ? VirtioNet.GSO_TCPV6 : VirtioNet.GSO_TCPV4) << 8);
        assertThat(header.first >>> 16 & 0xFFFF).isEqualTo(transport + 20);
        assertThat(header.first >>> 32 & 0xFFFF).isEqualTo(LongPacket.SEGMENT_SIZE);
        assertThat(header.first >>> 48).isEqualTo(transport);
        assertThat(header.second).isEqualTo(16);
        LongPacket.assertIsWhole(pool, bytes(packet), ipv6, tagged, 7 + 1401 + 3 + 2222);
        Packet.release(packet);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatTheDriverTakesNoLongPacketsOfIsRefused(boolean ipv6) {
        NetHeader header = new NetHeader(LONG & ~(ipv6 ? VirtioNet.F_GUEST_TSO6 : VirtioNet.F_GUEST_TSO4));
        long packet = LongPacket.create(pool, ipv6, false, 100, 3000);
        assertThat(header.encode(packet)).isZero();
        Packet.release(packet);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPacketLongerThanAnIpHeaderCanSayIsRefused(boolean ipv6) {
        int[] payload = new int[20];
        Arrays.fill(payload, 3276); // 65520
        NetHeader header = new NetHeader(LONG);
        long packet = LongPacket.create(pool, ipv6, false, payload);
        assertThat(header.encode(packet)).isZero();
        Packet.release(packet);
    }

    private static byte[] bytes(long packet) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            bytes.writeBytes(Packet.bytes(segment));
        }
        assertThat(bytes.size()).isEqualTo(Metadata.totalLength(packet));
        return bytes.toByteArray();
    }
}
