package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.barewire.core.device.RssConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/// Two pairs of queues, RSS, checksums and segmentation on QEMU's virtio device with the host's kernel behind it.
///
/// What the guest sends leaves a tap of the host's for a pair of veth that has no offloads, so that the kernel
/// does what the guest has left undone; tshark looks at what comes out there. Needs root.
@Tag("guest")
class VirtioOffloadGuestTest {
    private static final String NIC = "0000:00:0c.0";
    private static final int FLOWS = 64;

    private static Guest guest;

    @TempDir
    Path folder;

    @BeforeAll
    static void boot() {
        host("""
                ip link del bwtap 2>/dev/null; ip link del bwveth 2>/dev/null; set -e
                ip tuntap add bwtap mode tap multi_queue vnet_hdr
                ip link add bwveth type veth peer name bwveth-end
                sysctl -qw net.ipv6.conf.bwtap.disable_ipv6=1 net.ipv6.conf.bwveth.disable_ipv6=1 \\
                    net.ipv6.conf.bwveth-end.disable_ipv6=1
                ethtool -K bwveth tx off tso off gso off >/dev/null
                ip addr add 10.77.0.1/24 dev bwtap
                ip link set bwtap up; ip link set bwveth up; ip link set bwveth-end up
                ip neigh replace 10.77.0.2 lladdr 52:54:00:00:00:77 dev bwtap
                tc qdisc add dev bwtap clsact
                tc filter add dev bwtap ingress matchall action mirred egress redirect dev bwveth
                """);
        guest = Guest.builder("virtio-offload")
                .iommu()
                .memory(1280)
                .hugePages(160)
                .qemu(
                        "-netdev",
                        "tap,id=tap0,ifname=bwtap,queues=2,script=no,downscript=no,vhost=off",
                        "-device",
                        "virtio-net-pci,netdev=tap0,mq=on,rss=on,vectors=6,disable-legacy=on,iommu_platform=on,"
                                + "romfile=,addr=0xc,mac=" + OffloadProgram.OWN)
                .boot();
    }

    @AfterAll
    static void end() {
        if (guest != null) {
            guest.close();
        }
        host("ip link del bwtap; ip link del bwveth");
    }

    @Test
    void whatIsLeftToTheDeviceIsDoneOnTheWire() throws Exception {
        Process capture = capture();
        assertThat(guest.java(OffloadProgram.class, "send", NIC).orFail()).contains("errors 0");
        String seen = endCapture(capture);
        int segments = OffloadProgram.PAYLOAD / OffloadProgram.SEGMENT;
        for (String network : List.of("ip", "ipv6")) {
            List<String> lines = seen.lines().filter(line -> line.startsWith("eth:ethertype:" + network + ":")).toList();
            assertThat(lines.stream().filter(line -> line.contains(":udp"))).hasSize(1).allMatch(this::isGood);
            List<String> cut = lines.stream().filter(line -> line.contains("|5|")).toList();
            assertThat(lines.stream().filter(line -> line.contains(":tcp"))).hasSize(1 + segments).allMatch(this::isGood);
            assertSequence(cut, segments);
            List<String> tagged = seen.lines()
                    .filter(line -> line.startsWith("eth:ethertype:vlan:ethertype:" + network + ":"))
                    .toList();
            assertThat(tagged).hasSize(segments).allMatch(line -> line.contains("|" + OffloadProgram.VLAN + "|"));
            assertThat(tagged).allMatch(this::isGood);
            assertSequence(tagged, segments);
        }
        assertThat(guest.dmaFaults()).isEmpty();
    }

    @Test
    void packetsAreSpreadAsTheRedirectionTableSaysAndGoBack() throws Exception {
        Process capture = capture();
        guest.run(JavaCommand.of(OffloadProgram.class, "flows", NIC + "?queues=2", "" + FLOWS)
                + " > /tmp/flows 2>&1 & for i in $(seq 60); do grep -q ready /tmp/flows && break; sleep 0.5; done");
        host("""
                python3 - <<'END'
                import socket, time
                for port in range(40000, 40000 + %d):
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                        s.bind(("10.77.0.1", port))
                        s.sendto(b"x" * 100, ("10.77.0.2", %d))
                    time.sleep(0.005)
                END
                """.formatted(FLOWS, OffloadProgram.PORT));
        String flows = guest.run("wait; for i in $(seq 60); do pidof java >/dev/null || break; sleep 0.5; done;"
                        + " cat /tmp/flows")
                .orFail();
        int[] perQueue = new int[2];
        for (int port = 40_000; port < 40_000 + FLOWS; port++) {
            int queue = RssConfig.standard().queue(hash(port) & RssConfig.TABLE_ENTRIES - 1, 2);
            perQueue[queue]++;
            assertThat(flows).contains("flow %d %d true".formatted(port, queue));
        }
        assertThat(Arrays.stream(perQueue).min().orElseThrow()).isGreaterThan(FLOWS / 4);
        List<String> back = endCapture(capture).lines().filter(line -> line.contains(":udp")).toList();
        assertThat(back).hasSize(FLOWS).allMatch(this::isGood); // the checksum that the host had left undone
        assertThat(guest.dmaFaults()).isEmpty();
    }

    /// Toeplitz, of addresses and ports.
    private static int hash(int sourcePort) {
        byte[] key = RssConfig.standard().keyBytes();
        int[] input = {10, 77, 0, 1, 10, 77, 0, 2, sourcePort >>> 8, sourcePort & 0xFF, 0, OffloadProgram.PORT};
        int hash = 0;
        for (int bit = 0; bit < 8 * input.length; bit++) {
            if ((input[bit / 8] >>> 7 - bit % 8 & 1) != 0) {
                long window = 0;
                for (int i = 0; i < 5; i++) {
                    window = window << 8 | key[bit / 8 + i] & 0xFF;
                }
                hash ^= (int) (window >>> 8 - bit % 8);
            }
        }
        return hash;
    }

    /// Status 1 is tshark's word for good.
    private boolean isGood(String line) {
        String[] fields = line.split("\\|", -1);
        boolean ipv6 = fields[0].contains(":ipv6:");
        return (ipv6 || fields[3].equals("1")) && (fields[4] + fields[5]).equals("1");
    }

    private static void assertSequence(List<String> lines, int segments) {
        assertThat(lines).hasSize(segments);
        for (int i = 0; i < segments; i++) {
            String[] fields = lines.get(i).split("\\|", -1);
            assertThat(fields[6]).isEqualTo("" + (1_000_000 + i * OffloadProgram.SEGMENT));
            assertThat(fields[7]).isEqualTo("" + OffloadProgram.SEGMENT);
        }
    }

    private Process capture() throws IOException {
        Process capture = new ProcessBuilder(
                        "tcpdump", "-i", "bwveth-end", "-U", "-w", folder.resolve("wire.pcap").toString())
                .redirectErrorStream(true)
                .start();
        String line = capture.inputReader(StandardCharsets.UTF_8).readLine();
        assertThat(line).contains("listening");
        return capture;
    }

    /// A line for each packet: protocols, TCP source port, VLAN, status of the IPv4, TCP and UDP checksum, sequence
    /// number, length.
    private String endCapture(Process capture) throws InterruptedException {
        Thread.sleep(Duration.ofMillis(500)); // the kernel hands over what it has
        capture.destroy();
        capture.waitFor();
        return host("""
                tshark -r %s -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \\
                    -o tcp.relative_sequence_numbers:FALSE -T fields -E 'separator=|' -e frame.protocols \\
                    -e tcp.srcport -e vlan.id -e ip.checksum.status -e tcp.checksum.status -e udp.checksum.status \\
                    -e tcp.seq -e tcp.len 2>/dev/null
                """.formatted(folder.resolve("wire.pcap")));
    }

    private static String host(String script) {
        try {
            Process process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s%n%s", script, output).isZero();
            return output;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
