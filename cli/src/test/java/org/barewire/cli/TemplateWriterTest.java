package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Checksum;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Headers;
import org.barewire.core.packet.Ipv4;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;
import org.barewire.sim.Probe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TemplateWriterTest {
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 2);
    private final long slot = pool.allocate();

    @AfterEach
    void close() {
        PacketPool.release(slot);
        pool.close();
    }

    private static byte[] finish(FrameBuilder frame, int length) {
        return frame.payload(new byte[TemplateWriter.NUMBERS]).length(length).build();
    }

    private static byte[] udp4(int length) {
        return finish(
                FrameBuilder.ethernet().vlan(5).ipv4("192.0.2.1", "192.0.2.2").udp(1000, 53), length);
    }

    private static byte[] tcp4(int length) {
        return finish(FrameBuilder.ethernet().ipv4("192.0.2.1", "192.0.2.2").tcp(1000, 80, 0, 0, Tcp.ACK), length);
    }

    private static byte[] udp6(int length) {
        return finish(FrameBuilder.ethernet().ipv6("2001:db8::1", "2001:db8::2").udp(1000, 53), length);
    }

    private long write(TemplateWriter writer, int length, long sequence, long time) {
        long packet = Packet.resize(slot, Math.max(length, writer.minimumLength()));
        writer.write(packet, sequence, time);
        return packet;
    }

    @Test
    void everyChecksumIsRight() {
        int[] lengths = {60, 594, 1514};
        for (TemplateWriter writer : new TemplateWriter[] {
            new TemplateWriter(TemplateWriterTest::udp4, lengths, 1000, pool),
            new TemplateWriter(TemplateWriterTest::tcp4, lengths, 1000, pool),
            new TemplateWriter(TemplateWriterTest::udp6, lengths, 1000, pool)
        }) {
            for (long i = 0; i < 100_000; i++) {
                // a time from the whole range, negative ones included
                long packet = write(writer, lengths[(int) (i % 3)], i * 12345, i * 0x9E37_79B9_7F4A_7C15L);
                long headers = Headers.parse(packet);
                assertThat(Headers.isMalformed(headers)).isFalse();
                assertThat(Checksum.isTransportValid(packet, headers)).isTrue();
                if (Headers.isIpv4(headers)) {
                    assertThat(Ipv4.isChecksumValid(packet, Headers.networkOffset(headers)))
                            .isTrue();
                } else {
                    assertThat(Packet.getShort(packet, Headers.checksumOffset(headers)))
                            .isNotZero();
                }
            }
        }
    }

    @Test
    void numbersAndFlowsAreWhereTheyBelong() {
        TemplateWriter writer = new TemplateWriter(TemplateWriterTest::tcp4, new int[] {100}, 4, pool);
        long packet = write(writer, 100, 0x1234_5678_9AB5L, 0x0102_0304_0506_0708L);
        int payload = Headers.payloadOffset(Headers.parse(packet));
        assertThat(Packet.getShort(packet, payload + 4)).isEqualTo(0x1234);
        assertThat(Packet.getInt(packet, payload + 6)).isEqualTo(0x5678_9AB5);
        assertThat(Packet.getLong(packet, payload + 10)).isEqualTo(0x0102_0304_0506_0708L);
        assertThat(Tcp.sourcePort(packet, 34)).isEqualTo(1001);
    }

    @Test
    void aFrameIsAsLargeAsItsHeadersNeed() {
        assertThat(new TemplateWriter(TemplateWriterTest::tcp4, new int[] {60}, 1, pool).minimumLength())
                .isEqualTo(14 + 20 + 20 + TemplateWriter.NUMBERS);
        assertThat(new TemplateWriter(TemplateWriterTest::udp6, new int[] {60}, 1, pool).minimumLength())
                .isEqualTo(14 + 40 + 8 + TemplateWriter.NUMBERS)
                .isGreaterThan(Probe.MIN_LENGTH);
    }
}
