package org.barewire.drivers.pcap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Wireshark's tools read what is written, and write what is read.
@Tag("peer")
class TsharkTest {
    @TempDir
    private Path folder;

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /// 100 datagrams of growing length, each other one in two segments.
    private void write(String options) {
        try (NetDevice port = NetDevice.open("pcap:" + folder.resolve("out") + "?write=yes&" + options);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 256)) {
            for (int i = 0; i < 100; i++) {
                byte[] frame = FrameBuilder.ethernet()
                        .ipv4("192.0.2.1", "192.0.2.2")
                        .udp(1000, 2000 + i)
                        .length(60 + 14 * i)
                        .build();
                long packet;
                if (i % 2 == 0) {
                    packet = pool.allocateCopy(frame);
                } else {
                    packet = Metadata.begin(pool.allocateCopy(java.util.Arrays.copyOf(frame, 50)));
                    Metadata.setNext(packet, pool.allocateCopy(java.util.Arrays.copyOfRange(frame, 50, frame.length)));
                }
                assertThat(port.tx(0).sendOrRelease(new long[] {packet}, 1)).isEqualTo(1);
            }
        }
    }

    private void assertRead(Path file, int first, int count) throws IOException, InterruptedException {
        List<String> lines = run(
                        "tshark",
                        "-r",
                        file.toString(),
                        "-o",
                        "udp.check_checksum:TRUE",
                        "-T",
                        "fields",
                        "-e",
                        "frame.len",
                        "-e",
                        "udp.dstport",
                        "-e",
                        "udp.checksum.status")
                .lines()
                .toList();
        assertThat(lines).hasSize(count);
        for (int i = 0; i < count; i++) {
            int number = first + i;
            assertThat(lines.get(i)).isEqualTo((60 + 14 * number) + "\t" + (2000 + number) + "\t1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcap", "pcapng"})
    void tsharkReadsEveryFrame(String format) throws IOException, InterruptedException {
        write("format=" + format);
        Path file = folder.resolve("out");
        assertRead(file, 0, 100);
        assertThat(run("capinfos", "-c", "-t", "-E", "-M", file.toString()))
                .containsPattern("Number of packets: +100\\n")
                .containsPattern("File encapsulation: +ether\\n")
                .containsPattern("File type: +" + (format.equals("pcap") ? "nsecpcap" : "pcapng") + "\\n");
    }

    @Test
    void capinfosShowsTheInterfaceAndWhatItDropped() throws IOException, InterruptedException {
        write("format=pcapng&interface=uplink0");
        assertThat(run("capinfos", folder.resolve("out").toString()))
                .contains("Name = uplink0")
                .contains("Time precision = nanoseconds (9)")
                .contains("Number of stat entries = 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcap", "pcapng"})
    void everyFileOfARotationIsReadByItself(String format) throws IOException, InterruptedException {
        write("rotate-size=20k&format=" + format);
        int read = 0;
        for (int number = 0; read < 100; number++) {
            Path file = folder.resolve(number == 0 ? "out" : "out" + number);
            int count = (int) run("tshark", "-r", file.toString()).lines().count();
            assertRead(file, read, count);
            read += count;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pcap", "nsecpcap", "pcapng"})
    void whatEditcapWritesIsReplayed(String format) throws IOException, InterruptedException {
        write("format=pcap");
        Path file = folder.resolve("edited");
        run("editcap", "-F", format, folder.resolve("out").toString(), file.toString());
        try (NetDevice port = NetDevice.open("pcap:" + file + "?speed=max")) {
            long[] packets = new long[128];
            assertThat(port.rx(0).receive(packets)).isEqualTo(100);
            PacketPool.release(packets, 0, 100);
            assertThat(port.rx(0).receive(packets)).isZero();
            assertThat(port.link().reason()).isEqualTo("every frame has been read");
        }
    }
}
