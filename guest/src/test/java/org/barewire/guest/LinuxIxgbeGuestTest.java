package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Tcp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Linux' own ixgbe driver on the models that `barewire nic` serves: `sfp`, an 82599 with an SFP+ cage, and `kx`, one
/// on
/// a backplane. Each is in a network namespace of the guest's, and at the other end of its wire is a tap of the host's;
/// a bridge connects the taps to each other and to the host's kernel.
///
/// Needs root, ethtool, iperf3, tcpdump, tshark and python3.
@Tag("guest")
@TestMethodOrder(OrderAnnotation.class)
class LinuxIxgbeGuestTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int QUEUES = 4; // as many as the guest has processors
    private static final int FCS = 4;
    private static final int PADDING_OF_ARP = 18;
    private static final Path DATA = Path.of(System.getProperty("java.home"), "lib", "modules");
    private static final String ECHO = """
            import socketserver
            class Echo(socketserver.BaseRequestHandler):
                def handle(self):
                    while data := self.request.recv(65536): self.request.sendall(data)
            socketserver.ThreadingTCPServer(("198.18.9.1", 7), Echo).serve_forever()
            """;

    /// What Linux does against the datasheet; docs/vfio-user.md explains each.
    private static final Pattern EXPLAINED = Pattern.compile("EIMC: bit 31 is reserved.*"
            + "|RXCTRL: RXEN was set before EEC.ARD was seen.*"
            + "|RXCTRL: RXEN was set, but EIMC was not written.*"
            + "|RDT\\(\\d+\\): hands over a descriptor that still has DD set.*"
            + "|FCTRL: was changed while RXCTRL.RXEN was set.*");

    /// What `ethtool -d` adds, and `ethtool -t offline`.
    private static final Pattern DUMP = Pattern.compile("address 0x\\w+: a read, but no register is there.*");

    private static final Pattern SELF_TEST =
            Pattern.compile("(RDLEN|RDT|TDBAL|DCA_RXCTRL)\\(\\d\\): .*|(RXCTRL|RDRXCTL|RXPBSIZE|TXPBSIZE): .*");

    @TempDir
    static Path folder;

    private static HostBridge bridge;
    private static ServedNic sfp;
    private static ServedNic kx;
    private static Guest guest;

    @BeforeAll
    static void boot() throws IOException, InterruptedException {
        bridge = new HostBridge("barewire-ixgbe");
        sfp = new ServedNic("nic-sfp", "--model", "10fb", "--wire", bridge.tap("sfp"), "--mac", "02:00:00:00:00:02");
        kx = new ServedNic("nic-kx", "--model", "10f7", "--wire", bridge.tap("kx"), "--mac", "02:00:00:00:00:03");
        bridge.connect("198.18.9.1/24", "sfp", "kx");
        bridge.start("iperf3 -s >/dev/null 2>&1");
        bridge.start("python3 -c '%s'".formatted(ECHO));
        guest = Guest.builder("linux-ixgbe")
                .qemu11()
                .sharedMemory()
                .processors(QUEUES)
                .modules("ixgbe", "8021q")
                .qemu(sfp.device(0x10))
                .qemu(kx.device(0x11))
                .boot();
        guest.run("""
                        sysctl -qw net.ipv6.conf.default.disable_ipv6=1
                        for card in sfp kx; do
                            ip netns add $card
                            ip netns exec $card sysctl -qw net.ipv6.conf.default.disable_ipv6=1
                        done
                        head -c 24M %s >/tmp/data
                        """.formatted(JavaCommand.path(DATA))).orFail();
        setUp();
        guest.run("ip netns exec kx iperf3 -s -D").orFail();
    }

    @AfterAll
    static void end() throws IOException, InterruptedException {
        if (guest != null) {
            guest.close();
        }
        for (ServedNic nic : new ServedNic[] {sfp, kx}) {
            if (nic != null) {
                nic.close();
            }
        }
        bridge.close();
    }

    /// Gives the cards that the driver has found names and addresses, and waits until frames pass.
    private static void setUp() {
        guest.run("""
                        set -e
                        up() { # SLOT CARD ADDRESS
                            ip link set $(ls /sys/bus/pci/devices/0000:00:$1.0/net) name $2 netns $2
                            ip -n $2 addr add $3/24 dev $2
                            ip -n $2 link set $2 up
                        }
                        up 10 sfp 198.18.9.2
                        up 11 kx 198.18.9.3
                        for card in sfp kx; do
                            timeout 30 ip netns exec $card sh -c 'until ping -c 1 -W 1 198.18.9.1; do :; done' >/dev/null
                        done
                        """, LONG).orFail();
    }

    /// Runs a script in a card's namespace.
    private static String run(String card, String script) {
        return guest.run("ip netns exec %s bash -e <<'END'\n%s\nEND".formatted(card, script), LONG)
                .orFail();
    }

    private static Counters counters(String card) {
        return Counters.parse(run(card, "ethtool -S " + card));
    }

    /// What each receive queue has got during a script.
    private static List<Long> received(String card, String script) {
        Counters before = counters(card);
        run(card, script);
        return counters(card).since(before).ofQueues("rx_queue_%d_packets", QUEUES);
    }

    /// Sends a part of a file to the host and back, which must be what comes back.
    private static void assertEchoed(String card) {
        run(card, """
                exec 3<>/dev/tcp/198.18.9.1/7
                cat /tmp/data >&3 &
                head -c $(stat -c %s /tmp/data) <&3 | cmp - /tmp/data""");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(1)
    void theLinkIsUpAtTenGigabits(String card) {
        assertThat(run(card, "cat /sys/class/net/%s/speed".formatted(card))).isEqualTo("10000");
        assertThat(run(card, "dmesg | grep ixgbe | grep -iE 'fail|error|warn|hang|pre-production' || true"))
                .isEmpty();
    }

    @Test
    @Order(1)
    void theModuleTellsWhatItIs() {
        assertThat(run("sfp", "ethtool -m sfp")).contains("10G Base-SR", "Barewire");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(2)
    void statisticsAddUpToTheByte(String card) {
        Counters before = counters(card);
        assertThat(run(card, "ping -q -c 300 -i 0.002 -s 1000 198.18.9.1")).contains(" 300 received");
        Counters counted = counters(card).since(before);
        long rx = counted.get("rx_packets");
        long tx = counted.get("tx_packets");
        assertThat(rx).isBetween(300L, 310L);
        assertThat(counted.get("rx_pkts_nic")).isEqualTo(rx);
        assertThat(counted.get("tx_pkts_nic")).isEqualTo(tx);
        assertThat(counted.get("rx_bytes_nic")).isEqualTo(counted.get("rx_bytes") + rx * FCS);
        assertThat(counted.get("tx_bytes_nic") - counted.get("tx_bytes") - tx * FCS)
                .isBetween(0L, (tx - 300) * PADDING_OF_ARP);
        for (String way : List.of("rx", "tx")) {
            assertThat(counted.get(way + "_errors")).isZero();
            assertThat(counted.ofQueues(way + "_queue_%d_packets", QUEUES).stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isEqualTo(counted.get(way + "_packets"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(3)
    void tcpPassesWithEveryOffload(String card) {
        assertThat(run(card, "ethtool -k " + card))
                .contains("rx-checksumming: on", "tx-checksumming: on", "tcp-segmentation-offload: on");
        assertEchoed(card);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(3)
    void whatTheKernelLeftToTheCardIsDoneOnTheWire(String card) throws IOException {
        Path file = folder.resolve(card + ".pcap");
        Process capture = bridge.capture(card, 2000, file, "");
        String seen = run(card, """
                timeout 30 tcpdump -c 1 -nn -i %s 'tcp and greater 3000 and src 198.18.9.2 or src 198.18.9.3' &
                iperf3 -c 198.18.9.1 -u -b 5M -t 1 >/dev/null; iperf3 -c 198.18.9.1 -t 1; wait""".formatted(card));
        assertThat(seen).contains("1 packet captured"); // longer than any frame of the wire's
        assertThat(Host.await(capture, PATIENCE)).isZero();
        List<String> frames = Host.run("""
                tshark -r %s -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields \
                    -e ip.checksum.status -e tcp.checksum.status -e udp.checksum.status ip 2>/dev/null
                """.formatted(file)).lines().toList();
        assertThat(frames).hasSizeGreaterThan(1900).containsOnly("1\t1\t", "1\t\t1"); // tshark's word for good
        assertThat(Host.run("tshark -r %s 'frame.len > 1514' 2>/dev/null".formatted(file)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"sfp, 02:00:00:00:00:02, 198.18.9.2", "kx, 02:00:00:00:00:03, 198.18.9.3"})
    @Order(3)
    void theCardSeesAWrongChecksum(String card, String mac, String address) {
        byte[] frame = FrameBuilder.ethernet(MacAddress.parse("02:00:00:00:00:01"), MacAddress.parse(mac))
                .ipv4("198.18.9.1", address)
                .tcp(1, 2, 0, 0, Tcp.ACK)
                .build();
        frame[frame.length - 1] ^= 1;
        Counters before = counters(card);
        bridge.send(card, frame, 1);
        assertThat(counters(card).since(before).get("rx_csum_offload_errors")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(4)
    void flowsAreSpreadByTheRedirectionTable(String card) {
        String flows = "iperf3 -R -P 32 -n 2M -c 198.18.9.1 >/dev/null";
        assertThat(received(card, flows)).allMatch(packets -> packets > 20);
        List<Long> moved = received(card, "ethtool -X %s weight 0 0 1 0\n%s".formatted(card, flows));
        assertThat(moved.get(2)).isGreaterThan(100);
        assertThat(moved.stream().filter(packets -> packets > 10)).hasSize(1); // ARP has no hash: it is in the first
        run(card, "ethtool -X %s default".formatted(card));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(5)
    void tcpPassesWithoutOffloads(String card) {
        run(card, "ethtool -K %s tso off gso off tx off rx off >/dev/null".formatted(card));
        assertEchoed(card);
        run(card, "ethtool -K %s tso on gso on tx on rx on >/dev/null".formatted(card));
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    @Order(6)
    void taggedFramesPass(String offload) throws IOException {
        Process capture = bridge.capture("sfp", 1000, Path.of("/dev/null"), "vlan 7 and tcp");
        for (String card : List.of("sfp", "kx")) {
            run(card, """
                    ethtool -K %1$s rxvlan %2$s txvlan %2$s >/dev/null
                    ip link show v7 >/dev/null 2>&1 || ip link add link %1$s name v7 type vlan id 7
                    ip addr replace 198.18.7.%3$d/24 dev v7
                    ip link set v7 up
                    """.formatted(card, offload, card.equals("sfp") ? 2 : 3));
        }
        run("sfp", """
                timeout 30 sh -c 'until ping -c 1 -W 1 198.18.7.3; do :; done' >/dev/null
                iperf3 -t 1 -c 198.18.7.3; iperf3 -t 1 -R -c 198.18.7.3""");
        assertThat(Host.await(capture, PATIENCE)).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(7)
    void jumboFramesPass(String card) {
        run(card, """
                ip link set %s mtu 9000
                timeout 30 sh -c 'until ping -c 1 -W 1 198.18.9.1; do :; done' >/dev/null""".formatted(card));
        assertThat(run(card, "ping -c 3 -i 0.2 -s 8972 -M do 198.18.9.1")).contains("3 received");
        assertEchoed(card);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sfp", "kx"})
    @Order(8)
    void theDriverBreaksOnlyTheRulesThatAreExplained(String card) {
        assertThat(complaints(card)).isNotEmpty().allMatch(EXPLAINED.asMatchPredicate());
        assertThat(run(card, "ethtool -d %s | wc -l".formatted(card))).isGreaterThan("1000");
        assertThat(complaints(card)).allMatch(EXPLAINED.asMatchPredicate().or(DUMP.asMatchPredicate()));
        for (String mode : List.of("online", "offline")) {
            assertThat(run(card, "ethtool -t %s %s".formatted(card, mode))).contains("The test result is PASS");
        }
        assertThat(complaints(card))
                .allMatch(
                        EXPLAINED.asMatchPredicate().or(DUMP.asMatchPredicate()).or(SELF_TEST.asMatchPredicate()));
    }

    private static List<String> complaints(String card) {
        return (card.equals("sfp") ? sfp : kx).complaints();
    }

    @Test
    @Order(9)
    void theDriverComesBackTenTimes() {
        for (int i = 0; i < 10; i++) {
            guest.run("modprobe -r ixgbe && modprobe ixgbe", LONG).orFail();
            setUp();
        }
        assertThat(guest.run("dmesg | grep ixgbe | grep -iE 'fail|error|warn|hang' || true")
                        .orFail())
                .isEmpty();
    }
}
