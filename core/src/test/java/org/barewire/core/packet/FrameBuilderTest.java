package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameBuilderTest {
    @Test
    void aUdpFrameHasTheBytesThatTheRfcsSay() {
        byte[] frame = FrameBuilder.ethernet()
                .vlan(5)
                .ipv4("192.0.2.1", "192.0.2.2")
                .udp(1000, 53)
                .payload(0xAB, 0xCD, 0xEF)
                .build();
        Hexdump.assertSame(frame, Hexdump.bytes("""
                        020000000002 020000000001 8100 0005 0800
                        45 00 001f 0000 0000 40 11 f6ca c0000201 c0000202
                        03e8 0035 000b dce8 abcdef
                        """));
    }

    @Test
    void theLengthIsReachedByZerosThatTheHeadersCount() {
        byte[] frame = ValidFrames.ipv6().udp(1, 2).payload(7).length(128).build();
        assertThat(frame).hasSize(128);
        assertThat(frame[19]).as("payload length").isEqualTo((byte) (128 - 54));
        assertThat(frame[59]).as("UDP length").isEqualTo((byte) (128 - 54));
        assertThat(ValidFrames.ipv6().length(10).build()).as("never shortened").hasSize(54);
    }

    @Test
    void buildingTwiceGivesTheSameFrame() {
        FrameBuilder builder = ValidFrames.ipv4().tcp(1, 2, 3, 4, Tcp.SYN);
        Hexdump.assertSame(builder.build(), builder.build());
    }

    @Test
    void headersOutOfOrderAreRefused() {
        assertThatThrownBy(() -> FrameBuilder.ethernet().udp(1, 2)).hasMessageContaining("ipv4() or ipv6()");
        assertThatThrownBy(() -> ValidFrames.ipv4().udp(1, 2).udp(1, 2)).hasMessageContaining("no transport header");
        assertThatThrownBy(() -> ValidFrames.ipv6().options(1, 1, 1, 0)).hasMessageContaining("after ipv4()");
        assertThatThrownBy(() -> ValidFrames.ipv4().options(1, 1, 1)).hasMessageContaining("3 bytes of options");
    }

    /// A second opinion: Wireshark's dissectors find every frame well-formed and every checksum right.
    @Test
    void tsharkFindsNothingWrongInAnyFrame(@TempDir Path folder) throws IOException, InterruptedException {
        Path tshark = Path.of("/usr/bin/tshark");
        assumeTrue(Files.isExecutable(tshark), "tshark is not installed");
        Collection<byte[]> frames = ValidFrames.all().values();
        Path capture = folder.resolve("frames.pcap");
        Files.write(capture, pcap(frames));
        List<String> lines = dissect(tshark, capture);
        assertThat(lines).hasSize(frames.size());
        assertThat(lines).allSatisfy(line -> assertThat(line).doesNotContain("Malformed", "Bad checksum"));
        assertThat(lines)
                .filteredOn(line -> line.endsWith("|1"))
                .as("right transport checksums")
                .hasSize(13);
    }

    private static List<String> dissect(Path tshark, Path capture) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        tshark.toString(),
                        "-r",
                        capture.toString(),
                        "-n",
                        "-o",
                        "ip.check_checksum:TRUE",
                        "-o",
                        "tcp.check_checksum:TRUE",
                        "-o",
                        "udp.check_checksum:TRUE",
                        "-o",
                        "ip.defragment:FALSE",
                        "-o",
                        "ipv6.defragment:FALSE",
                        "-Tfields",
                        "-Eseparator=|",
                        "-e_ws.expert.message",
                        "-e_ws.malformed",
                        "-eudp.checksum.status",
                        "-etcp.checksum.status",
                        "-eicmp.checksum.status",
                        "-eicmpv6.checksum.status")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return output.lines().map(line -> line.replaceAll("\\|+$", "")).toList();
    }

    private static byte[] pcap(Collection<byte[]> frames) {
        int length = 24 + frames.stream().mapToInt(frame -> 16 + frame.length).sum();
        ByteBuffer file = ByteBuffer.allocate(length);
        file.putInt(0xA1B2_C3D4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(0xFFFF)
                .putInt(1);
        for (byte[] frame : frames) {
            file.putLong(0).putInt(frame.length).putInt(frame.length).put(frame);
        }
        return file.array();
    }
}
