package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.barewire.sim.SimPorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The commands as a user runs them, on simulated devices.
@Timeout(60)
class ToolsTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int barewire(String commandLine) {
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out));
        command.setErr(new PrintWriter(err));
        return command.execute(commandLine.split(" "));
    }

    @AfterEach
    void noRuleWasBroken() {
        assertThat(SimPorts.complaints()).isEmpty();
    }

    @Test
    void everyGeneratedFrameIsDelivered() {
        assertThat(barewire("pktgen sim:a --count 1000 --json"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("\"tx_packets\":1000,\"tx_bytes\":60000,")
                .contains("\"dropped\":0,\"delivered\":1000,\"lost\":0}");
        assertThat(err.toString()).contains("the wire delivered 1000 and lost 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--size imix --rate 1g",
                "--size 1518 --rate 100kpps --queues 2 --flows 16",
                "--tcp 1000,80 --ip4 192.0.2.1,192.0.2.2 --flows 100 --vlan 7",
                "--udp 1000,53 --ip6 2001:db8::1,2001:db8::2 --size imix --batch 1",
                "--size 9728 --dst ff:ff:ff:ff:ff:ff --src 02:00:00:00:00:09"
            })
    void everyKindOfFrameIsSent(String options) {
        assertThat(barewire("pktgen sim:a --count 301 --json " + options))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("\"tx_packets\":301,");
        assertThat(err.toString()).contains("the wire delivered 301 and lost 0");
    }

    @Test
    void aDumpPrintsALineForEachPacket() {
        assertThat(barewire("dump sim:a?send=100kpps --count 100 --json"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(err.toString().lines().limit(100))
                .allSatisfy(line -> assertThat(line)
                        .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{9} IP 198\\.18\\.0\\.1\\.49152 > 198\\.19\\.0\\.1\\.9: "
                                + "UDP, length 18"));
        assertThat(out.toString()).contains("\"rx_packets\":100,\"rx_bytes\":6000,\"written\":100,\"dropped\":0,");
    }

    @Test
    void tsharkReadsWhatADumpWrites(@TempDir Path folder) throws IOException, InterruptedException {
        Path tshark = Path.of("/usr/bin/tshark");
        assumeTrue(Files.isExecutable(tshark), "tshark is not installed");
        Path file = folder.resolve("packets.pcap");
        assertThat(barewire("dump sim:a?send=100kpps&mtu=9000&size=4000 --count 100 -s 3000 -w " + file))
                .as(err.toString())
                .isZero();
        Process process = new ProcessBuilder(
                        tshark.toString(), "-r", file.toString(), "-Tfields", "-eframe.len", "-eframe.cap_len")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(lines.lines()).hasSize(100).containsOnly("4000\t3000");
    }

    @Test
    void keepingLittleOfAPacketLeavesItsLineAsItIs() {
        assertThat(barewire("dump sim:a?send=10kpps --count 1 -x -s 20"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("UDP, length 18")
                .contains("\t0x0010:")
                .doesNotContain("\t0x0020:");
    }

    @Test
    void timeBeginsWithTheFirstFrame() {
        assertThat(barewire("pktgen sim:a --time 1 --count 10")).isZero();
        assertThat(err.toString())
                .startsWith("10 packets")
                .contains("; 0 dropped")
                .doesNotContain("fewer");
    }

    @Test
    void aDumpOfADeviceWithoutAPeerSaysSo(@TempDir Path folder) {
        Path socket = folder.resolve("none.sock");
        assertThat(barewire("dump memif:" + socket + "?secret=unsaid --time 0.2"))
                .as(err.toString())
                .isZero();
        assertThat(err.toString())
                .contains("memif:" + socket + ": no link: ")
                .contains("0 packets in")
                .doesNotContain("unsaid");
    }

    @Test
    void onePacketIsNotSeveral() {
        assertThat(barewire("pktgen sim:a --count 1")).as(err.toString()).isZero();
        assertThat(err.toString()).startsWith("1 packet in ");
    }

    @Test
    void aFileThatIsReadCannotBeGeneratedInto(@TempDir Path folder) {
        Path file = folder.resolve("a.pcap");
        assertThat(barewire("pktgen pcap:" + file + "?write=yes --count 10"))
                .as(err.toString())
                .isZero();
        assertThat(barewire("pktgen pcap:" + file + " --count 10")).isEqualTo(Main.FAILED);
        assertThat(err.toString()).contains("add ?write=yes");
    }

    @Test
    void framesTooLongForTheDeviceAreNotSent() {
        assertThat(barewire("pktgen sim:a?mtu=1500 --size 9000 --count 1")).isEqualTo(Main.FAILED);
        assertThat(err.toString()).contains("give it a larger mtu=");
    }

    @Test
    void aFileIsKeptIfTheDeviceCannotBeOpened(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("packets.pcap"), "precious");
        assertThat(barewire("dump nothing:a -w " + file)).isEqualTo(Main.FAILED);
        assertThat(file).hasContent("precious");
    }

    @Test
    void aDumpSaysWhichFramesTheDeviceRefused() {
        assertThat(barewire("dump sim:a?send=10kpps&size=9000 --time 0.2 --json"))
                .isZero();
        assertThat(err.toString()).contains("too long").contains("mtu=9000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pktgen",
                "pktgen sim:a --rate fast",
                "pktgen sim:a --size 63",
                "pktgen sim:a --size large",
                "pktgen sim:a --size 9729",
                "pktgen sim:a --dst 1.2.3.4",
                "pktgen sim:a --ip4 192.0.2.1",
                "pktgen sim:a --ip4 192.0.2.1,2001:db8::1",
                "pktgen sim:a --ip4 1.2.3.4,1.2.3.5 --ip6 2001:db8::1,2001:db8::2",
                "pktgen sim:a --tcp 1,2 --udp 1,2",
                "pktgen sim:a --udp 1,65536",
                "pktgen sim:a --udp 65535,1 --flows 2",
                "pktgen sim:a --flows 0",
                "pktgen sim:a --vlan 4095",
                "pktgen sim:a --vlan 0",
                "pktgen sim:a --time 1d",
                "pktgen sim:a --time 0x1p3",
                "dump sim:a -x -w packets.pcap",
                "pktgen sim:a --queues 0",
                "pktgen sim:a --batch 257",
                "dump",
                "dump sim:a -s 0",
                "dump sim:a --count none",
                "dump sim:a --json -w -",
                "dump sim:a -w /nonexistent/file"
            })
    void wrongUsageEndsWithTwoAndAReason(String commandLine) {
        assertThat(barewire(commandLine)).as(err.toString()).isEqualTo(Main.WRONG_USAGE);
        assertThat(err.toString()).startsWith("barewire ").contains("--help");
    }

    @Test
    void aDeviceThatIsNotThereEndsWithOne() {
        assertThat(barewire("pktgen nothing:a --count 1")).isEqualTo(Main.FAILED);
        assertThat(barewire("dump nothing:a --count 1")).isEqualTo(Main.FAILED);
    }
}
