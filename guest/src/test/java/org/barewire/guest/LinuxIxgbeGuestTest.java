package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Linux' own ixgbe driver on the model of the 82599: one card whose wire ends at the host's kernel, and two that
/// are connected to one another, in a network namespace each.
///
/// Needs root and iperf3 on the host.
@Tag("guest")
@TestMethodOrder(OrderAnnotation.class)
class LinuxIxgbeGuestTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final String TAP = "bwixgbe";

    /// What Linux does against the datasheet; docs/vfio-user.md explains each.
    private static final List<Pattern> EXPLAINED = List.of(
            Pattern.compile("EIMC: bit 31 is reserved.*"),
            Pattern.compile("RXCTRL: RXEN was set before EEC.ARD was seen.*"),
            Pattern.compile("RXCTRL: RXEN was set, but EIMC was not written.*"),
            Pattern.compile("RDT\\(\\d+\\): hands over a descriptor that still has DD set.*"),
            Pattern.compile("FCTRL: was changed while RXCTRL.RXEN was set.*"));

    private static ModelCards cards;
    private static Guest guest;
    private static Process iperf;

    @BeforeAll
    static void boot() throws IOException, InterruptedException {
        cards = new ModelCards();
        cards.addAt("tap:%s?mtu=9000".formatted(TAP), 0x10FB);
        cards.addPair(0x10F7, 0x10FB);
        host("ip", "addr", "add", "198.18.9.1/24", "dev", TAP);
        iperf = new ProcessBuilder("iperf3", "-s", "-B", "198.18.9.1")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        guest = Guest.builder("linux-ixgbe")
                .qemu11()
                .sharedMemory()
                .modules("ixgbe", "8021q")
                .qemu(cards.start())
                .boot();
        guest.run("""
                name() { ls /sys/bus/pci/devices/0000:00:$1.0/net; }
                a=$(name 10); b=$(name 11); c=$(name 12)
                ip link set $a name a; ip addr add 198.18.9.2/24 dev a; ip link set a up
                ip link set $b name b; ip addr add 198.18.8.1/24 dev b; ip link set b up
                ip netns add other; ip link set $c name c netns other
                ip -n other addr add 198.18.8.2/24 dev c; ip -n other link set c up
                for i in $(seq 100); do
                    [ "$(cat /sys/class/net/a/carrier /sys/class/net/b/carrier | tr -d '\\n')" = 11 ] && break
                    sleep 0.1
                done
                ip netns exec other iperf3 -s -D
                """, LONG).orFail();
    }

    @AfterAll
    static void end() {
        guest.close();
        iperf.destroy();
        cards.close();
    }

    private static void host(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static String run(String script) {
        return guest.run(script, LONG).orFail();
    }

    /// Mbit/s that arrived.
    private static double iperf(String arguments) {
        String json = run("iperf3 -J -t 2 -c " + arguments);
        Matcher received = Pattern.compile("\"sum_received\":\\s*\\{[^}]*\"bits_per_second\":\\s*([0-9.e+]+)")
                .matcher(json);
        assertThat(received.find()).as(json).isTrue();
        return Double.parseDouble(received.group(1)) / 1e6;
    }

    private static long counter(String name) {
        return Long.parseLong(run("ethtool -S a | sed -n 's/^ *%s: //p'".formatted(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b"})
    @Order(1)
    void theLinkIsUpAtTenGigabits(String card) {
        assertThat(run("cat /sys/class/net/%s/speed".formatted(card))).isEqualTo("10000");
        assertThat(run("dmesg | grep ixgbe | grep -icE 'fail|error|warn|pre-production' || true"))
                .isEqualTo("0");
    }

    @Test
    @Order(2)
    void theModuleTellsWhatItIs() {
        assertThat(run("ethtool -m a")).contains("10G Base-SR").contains("Barewire");
    }

    @Test
    @Order(3)
    void theHostsKernelAnswersPings() {
        assertThat(run("ping -c 5 -i 0.2 198.18.9.1")).contains("5 received");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-R", "-P 4"})
    @Order(4)
    void tcpFlowsWithEveryOffload(String direction) {
        assertThat(iperf("198.18.9.1 " + direction)).isGreaterThan(20);
    }

    @Test
    @Order(5)
    void bothQueuesSendAndReceive() {
        assertThat(List.of(
                        counter("rx_queue_0_packets"),
                        counter("rx_queue_1_packets"),
                        counter("tx_queue_0_packets"),
                        counter("tx_queue_1_packets")))
                .allMatch(packets -> packets > 10);
    }

    @Test
    @Order(6)
    void statisticsAddUp() {
        guest.run("sleep 3"); // the driver reads the card's every two seconds
        assertThat(counter("rx_pkts_nic")).isEqualTo(counter("rx_packets"));
        assertThat(counter("tx_pkts_nic")).isEqualTo(counter("tx_packets"));
        for (String error : List.of("rx_errors", "rx_crc_errors", "rx_csum_offload_errors", "tx_errors")) {
            assertThat(counter(error)).as(error).isZero();
        }
    }

    @Test
    @Order(7)
    void tcpFlowsWithoutOffloads() {
        run("ethtool -K a tso off gso off tx off rx off");
        assertThat(iperf("198.18.9.1")).isGreaterThan(10);
        run("ethtool -K a tso on gso on tx on rx on");
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "off"})
    @Order(8)
    void taggedFramesPass(String offload) {
        run("""
                for i in "" "ip netns exec other"; do
                    $i ip link del v7 2>/dev/null
                    d=${i:+c}; d=${d:-b}
                    $i ethtool -K $d rxvlan %1$s txvlan %1$s
                    $i ip link add link $d name v7 type vlan id 7
                    $i ip link set v7 up
                done
                ip addr add 198.18.7.1/24 dev v7
                ip -n other addr add 198.18.7.2/24 dev v7
                for i in $(seq 100); do ping -c 1 -W 1 198.18.7.2 >/dev/null && break; done
                """.formatted(offload));
        assertThat(iperf("198.18.7.2")).isGreaterThan(10);
    }

    @Test
    @Order(9)
    void twoCardsBreakOnlyTheRulesThatAreExplained() {
        assertThat(cards.complaints(1)).allMatch(LinuxIxgbeGuestTest::isExplained);
        assertThat(cards.complaints(2)).allMatch(LinuxIxgbeGuestTest::isExplained);
        assertThat(cards.complaints(0)).allMatch(LinuxIxgbeGuestTest::isExplained);
    }

    private static boolean isExplained(String complaint) {
        return EXPLAINED.stream().anyMatch(rule -> rule.matcher(complaint).matches());
    }

    @Test
    @Order(10)
    void jumboFramesPass() {
        run("ip link set a mtu 9000; sleep 1");
        assertThat(run("ping -c 3 -i 0.2 -s 8972 -M do 198.18.9.1")).contains("3 received");
        assertThat(iperf("198.18.9.1")).isGreaterThan(20);
        assertThat(iperf("198.18.9.1 -R")).isGreaterThan(20);
    }

    @Test
    @Order(11)
    void theDriversOwnTestsPass() {
        assertThat(guest.run("ethtool -t a offline", LONG).output()).contains("PASS");
        assertThat(run("ethtool -d a | wc -l")).isNotEqualTo("0");
        assertThat(run("for i in $(seq 50); do ping -c 1 -W 1 198.18.9.1 && break; done"))
                .contains("1 received");
    }

    @Test
    @Order(12)
    void theDriverComesBackTenTimes() {
        run("""
                for i in 1 2 3 4 5 6 7 8 9 10; do
                    modprobe -r ixgbe && modprobe ixgbe || exit 1
                    a=$(ls /sys/bus/pci/devices/0000:00:10.0/net)
                    ip link set $a name a; ip addr add 198.18.9.2/24 dev a; ip link set a up
                    for j in $(seq 50); do ping -c 1 -W 1 198.18.9.1 && break; done | grep '1 received' || exit 1
                done
                """);
    }
}
