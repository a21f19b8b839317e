package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.barewire.core.device.RssConfig;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Metadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two pairs of queues, RSS, checksums and segmentation on QEMU's virtio device with the host's kernel behind it.
///
/// What the guest sends goes from a tap of the host's over a bridge to a pair of veth that has no offloads, so that
/// the kernel does what the guest has left undone; tshark looks at what comes out there. Needs root.
@Tag("guest")
class VirtioOffloadGuestTest {
    private static final String NIC = "0000:00:0c.0";
    private static final String MAC = "52:54:00:00:00:77";
    private static final int QUEUES = 2;
    private static final int FLOWS = 64;
    private static final int FIRST_PORT = 40_000;
    private static final int SHORTEST = 100; // payload; each flow has one of its own
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String CLEAN_UP = "for i in bwtap bwveth bwbridge; do ip link del $i 2>/dev/null; done; true";

    private static Guest guest;
    private static AgentSession agent;

    @TempDir
    Path folder;

    @BeforeAll
    static void boot() {
        Host.run("""
                %s; set -e
                ip tuntap add bwtap mode tap multi_queue vnet_hdr
                ip link add bwveth type veth peer name bwveth-end
                ip link add bwbridge type bridge
                for i in bwtap bwveth bwveth-end bwbridge; do echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done
                ethtool -K bwveth tx off tso off gso off >/dev/null
                ip addr add 10.77.0.1/24 dev bwtap
                ip link set bwtap master bwbridge; ip link set bwveth master bwbridge
                ip link set bwtap up; ip link set bwveth up; ip link set bwveth-end up; ip link set bwbridge up
                ip neigh replace 10.77.0.2 lladdr %s dev bwtap
                """.formatted(CLEAN_UP, MAC));
        guest = Guest.builder("virtio-offload")
                .iommu()
                .memory(1280)
                .hugePages(160)
                .qemu(
                        "-netdev",
                        "tap,id=tap0,ifname=bwtap,queues=2,script=no,downscript=no,vhost=off",
                        "-device",
                        "virtio-net-pci,netdev=tap0,mq=on,rss=on,packed=on,vectors=6,disable-legacy=on,iommu_platform=on,"
                                + "romfile=,addr=0xc,mac=" + MAC)
                .boot();
        agent = guest.agent();
    }

    @AfterAll
    static void end() {
        if (guest != null) {
            guest.close();
        }
        Host.run(CLEAN_UP);
    }

    private static Reply open(String options) {
        Reply opened = agent.ask("open nic %s?queues=%d&%s".formatted(NIC, QUEUES, options));
        assertThat(opened.number("rxQueues")).isEqualTo(QUEUES);
        return opened;
    }

    @AfterEach
    void closesWithoutAFault() {
        agent.ask("close nic");
        assertThat(guest.dmaFaults()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"split", "packed"})
    void everyFrameOfEveryFlowIsEchoedUnchanged(String ring) throws URISyntaxException {
        int frames = 100_000;
        assertThat(open("ring=" + ring).text("description")).contains(ring + " rings");
        agent.begin("echo nic");
        Path script = Path.of(
                Objects.requireNonNull(getClass().getResource("echo.py")).toURI());
        String report = Host.run("python3 %s bwtap %s %d %d".formatted(script, MAC, frames, FLOWS));
        agent.begin("stop");
        Reply echoed = agent.end();
        assertThat(report.strip()).isEqualTo("unchanged=%d changed=0".formatted(frames));
        for (int queue = 0; queue < QUEUES; queue++) {
            assertThat(echoed.number("queue" + queue)).isGreaterThan(frames / 4);
        }
    }

    @Test
    void whatIsLeftToTheDeviceIsDoneOnTheWire() throws Exception {
        open("offloads=checksum");
        int rounds = 2;
        int each = rounds * QUEUES;
        Process capture = capture(each * Requests.frames(), "ether src " + Requests.SOURCE);
        assertThat(agent.ask("requests nic " + rounds).number("sent")).isEqualTo((long) each * Requests.CASES.size());
        end(capture);
        SentFrames.check(pcap(), each, false);
        assertThat(agent.ask("statistics nic").number("txErrors")).isZero();
    }

    @Test
    void packetsAreSpreadAsTheRedirectionTableSays() {
        open("offloads=checksum");
        agent.begin("findings nic " + FLOWS);
        sendFlows();
        List<Findings.Finding> found = Findings.parse(agent.end());
        assertThat(found).hasSize(FLOWS);
        byte[] key = RssConfig.standard().keyBytes();
        for (Findings.Finding finding : found) {
            int flow = finding.length() - 42 - SHORTEST;
            byte[] frame = FrameBuilder.ethernet()
                    .ipv4("10.77.0.1", "10.77.0.2")
                    .udp(FIRST_PORT + flow, 9)
                    .build();
            int hash = Toeplitz.hash(key, frame, 26, 8, 34);
            assertThat(finding.queue()).as("flow %d", flow).isEqualTo((hash & RssConfig.TABLE_ENTRIES - 1) % QUEUES);
            assertThat(finding.flags() & Metadata.L4_CHECKSUM_GOOD).isNotZero(); // it never was on a wire
        }
        assertThat(found.stream().filter(finding -> finding.queue() == 0).count())
                .isBetween(FLOWS / 4L, FLOWS * 3 / 4L);
    }

    @Test
    void aChecksumThatTheSenderLeftUndoneIsDoneWhenThePacketGoesOn() throws Exception {
        open("offloads=checksum");
        Process capture = capture(FLOWS, "udp dst port 9");
        agent.begin("echo nic");
        sendFlows();
        end(capture);
        agent.begin("stop");
        agent.end();
        String seen = Host.run(
                "tshark -r %s -o udp.check_checksum:TRUE -T fields -e udp.checksum.status udp.dstport==9 2>/dev/null"
                        .formatted(pcap()));
        assertThat(seen.lines()).hasSize(FLOWS).containsOnly("1"); // tshark's word for good
    }

    /// From the host's kernel, which leaves checksums to the tap.
    private static void sendFlows() {
        Host.run("""
                python3 - <<'END'
                import socket, time
                for flow in range(%d):
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                        s.bind(("10.77.0.1", %d + flow))
                        s.sendto(b"x" * (%d + flow), ("10.77.0.2", 9))
                    time.sleep(0.005)
                END
                """.formatted(FLOWS, FIRST_PORT, SHORTEST));
    }

    private Path pcap() {
        return folder.resolve("wire.pcap");
    }

    /// Captures so many frames, those for which a filter of tcpdump's holds.
    private Process capture(int frames, String filter) throws IOException {
        Process capture = new ProcessBuilder(
                        "tcpdump", "-i", "bwveth-end", "-c", "" + frames, "-w", pcap().toString(), filter)
                .redirectErrorStream(true)
                .start();
        assertThat(capture.inputReader(StandardCharsets.UTF_8).readLine()).contains("listening");
        return capture;
    }

    /// Waits until all are there, or gives up: what is missing will be seen in the file.
    private static void end(Process capture) throws InterruptedException {
        if (!capture.waitFor(PATIENCE)) {
            capture.destroy();
            capture.waitFor();
        }
    }
}
