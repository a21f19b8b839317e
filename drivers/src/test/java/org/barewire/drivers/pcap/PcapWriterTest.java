package org.barewire.drivers.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapWriterTest {
    private static final long TIME = 1_700_000_000_123_456_789L;

    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 2);
    private final byte[] frame = FrameBuilder.ethernet()
            .ipv4("192.0.2.1", "192.0.2.2")
            .udp(1000, 9999)
            .payload(1, 2, 3)
            .build();
    private final long packet = pool.allocateCopy(frame);

    @AfterEach
    void close() {
        PacketPool.release(packet);
        pool.close();
    }

    @Test
    void theFileIsAsThePcapDraftSays() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (PcapWriter writer = new PcapWriter(Channels.newChannel(file), 20)) {
            writer.write(TIME, packet, 45);
            assertThat(file.size()).as("before anything is flushed").isZero();
            writer.flush();
            assertThat(file.size()).isEqualTo(24 + 16 + 20);
        }
        ByteBuffer read = ByteBuffer.wrap(file.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(read.capacity()).isEqualTo(24 + 16 + 20);
        assertThat(read.getInt(0)).isEqualTo(0xA1B2_3C4D);
        assertThat(read.getShort(4)).isEqualTo((short) 2);
        assertThat(read.getShort(6)).isEqualTo((short) 4);
        assertThat(read.getInt(16)).as("snap length").isEqualTo(20);
        assertThat(read.getInt(20)).as("Ethernet").isEqualTo(1);
        assertThat(read.getInt(24)).isEqualTo(1_700_000_000);
        assertThat(read.getInt(28)).isEqualTo(123_456_789);
        assertThat(read.getInt(32)).as("captured").isEqualTo(20);
        assertThat(read.getInt(36)).as("original").isEqualTo(45);
        byte[] captured = new byte[20];
        read.get(40, captured);
        assertThat(captured).isEqualTo(Arrays.copyOf(frame, 20));
    }

    @Test
    void aSnapLengthOutOfRangeIsRefused() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        assertThatThrownBy(() -> new PcapWriter(Channels.newChannel(file), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 65535");
    }

    /// More than the buffer holds, so that it goes out in between, too.
    @Test
    void tsharkReadsEveryRecord(@TempDir Path folder) throws IOException, InterruptedException {
        Path tshark = Path.of("/usr/bin/tshark");
        assumeTrue(Files.isExecutable(tshark), "tshark is not installed");
        Path capture = folder.resolve("packets.pcap");
        int packets = 20_000;
        try (PcapWriter writer =
                new PcapWriter(FileChannel.open(capture, StandardOpenOption.CREATE, StandardOpenOption.WRITE), 65535)) {
            for (int i = 0; i < packets; i++) {
                writer.write(TIME + i, packet, frame.length);
            }
        }
        String[] command = {
            tshark.toString(),
            "-r",
            capture.toString(),
            "-n",
            "-Tfields",
            "-Eseparator=|",
            "-eframe.time_epoch",
            "-eframe.len",
            "-eframe.cap_len",
            "-eudp.dstport",
            "-edata.data"
        };
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(output.lines())
                .hasSize(packets)
                .allSatisfy(line -> assertThat(line).endsWith("|45|45|9999|010203"));
        assertThat(output.lines().findFirst())
                .hasValueSatisfying(line -> assertThat(line).contains("123456789"));
    }
}
