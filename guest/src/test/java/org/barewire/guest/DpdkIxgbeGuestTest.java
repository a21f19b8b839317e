package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Tcp;
import org.barewire.sim.TestReport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// DPDK's net_ixgbe, by testpmd, on models of the 82599 through VFIO and a virtual IOMMU. Testpmd sends back what a
/// tester sends, or what the host does through a tap.
///
/// Needs root, DPDK 22.11, tcpdump, tshark and python3.
@Tag("guest")
@TestMethodOrder(OrderAnnotation.class)
class DpdkIxgbeGuestTest {
    private static final int FRAMES = 5000;
    private static final int VLAN = 7;
    private static final int TAG = 4; // bytes
    private static final int QUEUES = 4;
    private static final String TESTED = "0000:00:10.0";
    private static final String SERVED = "0000:00:11.0";
    private static final int SEGMENT = 500;
    private static final int SEGMENTS = 3;
    private static final int PACKETS = 20;

    /// What DPDK does against the datasheet; docs/vfio-user.md explains each.
    private static final Pattern EXPLAINED = Pattern.compile("EIMC: bit 31 is reserved.*"
            + "|RXCTRL: RXEN was set before EEC.ARD was seen.*"
            + "|RXCTRL: RXEN was set, but EIMC was not written.*"
            + "|RDRXCTL: (RSCACKC|FCOE_WRFIX) is clear.*"
            + "|DCA_RXCTRL\\(\\d\\): bit 12 is set.*"
            + "|(RXPBSIZE|TXPBSIZE): \\d+ KiB in all.*"
            + "|FCTRL: was changed while RXCTRL.RXEN was set.*");

    @TempDir
    static Path folder;

    private static HostBridge bridge;
    private static TestedNic tested;
    private static ServedNic served;
    private static Guest guest;

    @BeforeAll
    static void boot() throws IOException, InterruptedException {
        bridge = new HostBridge("barewire-dpdk");
        tested = new TestedNic(0x10FB, VLAN);
        served = new ServedNic("nic-dpdk", "--model", "10f7", "--wire", bridge.tap("kx"));
        guest = Guest.builder("dpdk-ixgbe")
                .qemu11()
                .iommu()
                .sharedMemory()
                .memory(1400)
                .hugePages(160)
                .qemu(tested.device(0x10))
                .qemu(served.device(0x11))
                .boot();
        guest.run("""
                        set -e
                        for address in %s %s; do
                            echo vfio-pci >/sys/bus/pci/devices/$address/driver_override
                            echo $address >/sys/bus/pci/drivers_probe
                        done
                        # of all the drivers that DPDK would load those that testpmd cannot do without
                        all=/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0; few=/tmp/few; mkdir $few
                        linked=$(ldd $(which dpdk-testpmd) | sed -n 's/.*pmds-23.0.librte_\\(.*\\).so.23 .*/\\1/p')
                        for i in $linked mempool_ring bus_pci net_ixgbe; do cp -P $all/librte_$i.so.23* $few/; done
                        mount --bind $few $all
                        """.formatted(TESTED, SERVED)).orFail();
    }

    @AfterAll
    static void end() throws IOException {
        if (guest != null) {
            guest.close();
        }
        if (served != null) {
            served.close();
        }
        tested.close();
        bridge.close();
    }

    @AfterEach
    void noAccessWasStray() {
        assertThat(guest.dmaFaults()).isEmpty();
    }

    /// @param stripped bytes of each frame that the card has kept to itself
    private static void assertAddsUp(Counters counters, long stripped) {
        for (String way : List.of("rx", "tx")) {
            assertThat(counters.get(way + "_good_packets")).isEqualTo(FRAMES);
            assertThat(counters.get(way + "_total_packets")).isEqualTo(FRAMES);
            assertThat(counters.get(way + "_errors")).isZero();
        }
        assertThat(counters.get("rx_good_bytes")).isEqualTo(counters.get("tx_good_bytes") - stripped * FRAMES);
        assertThat(counters.get("rx_missed_errors")).isZero();
    }

    @Test
    void everyFrameComesBackAndStatisticsAddUp() {
        try (Testpmd testpmd = new Testpmd(guest, TESTED, "", "set fwd io")) {
            assertThat(tested.send(FRAMES)).matches(TestReport::clean);
            assertAddsUp(testpmd.stop(), 0);
        }
    }

    @Test
    void flowsAreSpreadOverTheQueues() {
        String commands = IntStream.range(0, QUEUES)
                .mapToObj("set stat_qmap rx 0 %1$d %1$d\nset stat_qmap tx 0 %1$d %1$d\n"::formatted)
                .collect(Collectors.joining("", "", "set fwd io"));
        try (Testpmd testpmd = new Testpmd(guest, TESTED, "--rxq=4 --txq=4 --rss-udp", commands)) {
            TestReport report = tested.send(FRAMES); // between queues the order may change
            assertThat(List.of(report.lost(), report.corrupted(), report.duplicated()))
                    .containsOnly(0L);
            Counters counters = testpmd.stop();
            assertAddsUp(counters, 0);
            for (String way : List.of("rx", "tx")) {
                List<Long> packets = counters.ofQueues(way + "_q%d_packets", QUEUES);
                assertThat(packets).allMatch(each -> each > FRAMES / 16);
                assertThat(packets.stream().mapToLong(Long::longValue).sum()).isEqualTo(FRAMES);
            }
        }
    }

    @Test
    void checksumsAreComputedByTheCard() {
        String commands = """
                port stop 0
                csum set ip hw 0
                csum set udp hw 0
                port start 0
                set fwd csum""";
        try (Testpmd testpmd = new Testpmd(guest, TESTED, "--enable-rx-cksum", commands)) {
            assertThat(tested.send(FRAMES)).matches(TestReport::clean);
            assertAddsUp(testpmd.stop(), 0);
        }
    }

    @Test
    void tagsAreFilteredStrippedAndInserted() {
        String commands = """
                port stop 0
                vlan set filter on 0
                vlan set strip on 0
                rx_vlan add %1$d 0
                tx_vlan set 0 %1$d
                port start 0
                set fwd mac""".formatted(VLAN);
        try (Testpmd testpmd = new Testpmd(guest, TESTED, "", commands)) {
            assertThat(tested.send(FRAMES)).matches(TestReport::clean);
            assertAddsUp(testpmd.stop(), TAG);
        }
    }

    @Test
    void packetsAreCutIntoSegmentsWithGoodChecksums() throws IOException {
        String commands = """
                port stop 0
                csum set ip hw 0
                csum set tcp hw 0
                tso set %d 0
                port start 0
                set fwd csum""".formatted(SEGMENT);
        Path file = folder.resolve("tso.pcap");
        byte[] frame = FrameBuilder.ethernet(MacAddress.parse("02:00:00:00:00:01"), MacAddress.BROADCAST)
                .ipv4("198.18.9.1", "198.18.9.2")
                .tcp(1, 2, 0, 0, Tcp.ACK)
                .payload(new byte[SEGMENT * SEGMENTS - 100])
                .build();
        try (Testpmd testpmd = new Testpmd(guest, SERVED, "--enable-rx-cksum", commands)) {
            Process capture = bridge.capture("kx", PACKETS * SEGMENTS, file, "tcp");
            bridge.send("kx", frame, PACKETS);
            assertThat(Host.await(capture, Guest.PATIENCE)).isZero();
            Counters counters = testpmd.stop();
            assertThat(counters.get("rx_good_packets")).isEqualTo(PACKETS);
            assertThat(counters.get("tx_good_packets")).isEqualTo(PACKETS * SEGMENTS);
        }
        String seen = Host.run("""
                tshark -r %s -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -T fields \
                    -e ip.checksum.status -e tcp.checksum.status -e tcp.len 2>/dev/null | sort | uniq -c
                """.formatted(file));
        assertThat(seen.lines().map(String::strip)).containsExactly(PACKETS + " 1\t1\t400", 2 * PACKETS + " 1\t1\t500");
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void theDriverBreaksOnlyTheRulesThatAreExplained() {
        assertThat(tested.complaints()).allMatch(EXPLAINED.asMatchPredicate());
        assertThat(served.complaints()).allMatch(EXPLAINED.asMatchPredicate());
    }
}
