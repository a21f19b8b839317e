package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barewire.core.memory.Registers;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Load;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.TestReport;
import org.barewire.sim.Tester;
import org.barewire.sim.TesterConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// DPDK's net_ixgbe, by testpmd, on the model of the 82599 through VFIO and a virtual IOMMU. A tester sends frames,
/// which testpmd sends back.
///
/// Needs DPDK 22.11 on the host.
@Tag("guest")
class DpdkIxgbeGuestTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final int FRAMES = 5000;
    private static final int VLAN = 7;

    private static ModelCards cards;
    private static Tester plain;
    private static Tester tagged;
    private static Guest guest;

    @BeforeAll
    static void boot() {
        cards = new ModelCards();
        plain = cards.addTested(0x10FB, config(0, 0));
        tagged = cards.addTested(0x10F7, config(1, VLAN));
        guest = Guest.builder("dpdk-ixgbe")
                .qemu11()
                .iommu()
                .sharedMemory()
                .memory(1400)
                .hugePages(160)
                .qemu(cards.start())
                .boot();
        guest.run("""
                        for i in 10 11; do
                            d=/sys/bus/pci/devices/0000:00:$i.0
                            echo vfio-pci >$d/driver_override; echo 0000:00:$i.0 >/sys/bus/pci/drivers_probe
                        done
                        # of all the drivers that DPDK would load those that testpmd cannot do without
                        all=/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0; few=/tmp/few; mkdir $few
                        linked=$(ldd $(which dpdk-testpmd) | sed -n 's/.*pmds-23.0.librte_\\(.*\\).so.23 .*/\\1/p')
                        for i in $linked mempool_ring bus_pci net_ixgbe; do cp -P $all/librte_$i.so.23* $few/; done
                        mount --bind $few $all
                        """).orFail();
    }

    @AfterAll
    static void end() {
        guest.close();
        cards.close();
    }

    private static TesterConfig config(int index, int vlan) {
        ProbeHeaders headers = ProbeHeaders.standard()
                .withDestination(cards.address(index))
                .withVlan(vlan)
                .withFlows(64);
        return TesterConfig.standard()
                .withStream(index + 1)
                .withHeaders(headers)
                .withSizes(FrameSizes.IMIX)
                .withLoad(Load.full().withWindow(64));
    }

    /// Has testpmd forward what the tester sends, and returns all that it said.
    private static String forward(Tester tester, String address, String options, String commands) {
        guest.run("""
                        rm -f /tmp/in; mkfifo /tmp/in; sleep 1000 >/tmp/in &
                        dpdk-testpmd -l 0,1 --no-telemetry -m 96 -a %s -- -i --nb-cores=1 --total-num-mbufs=4096 %s \
                            </tmp/in >/tmp/out 2>&1 &
                        for i in $(seq 300); do grep -q 'testpmd>' /tmp/out && break; sleep 0.2; done
                        printf '%s\\nstart\\n' >/tmp/in
                        for i in $(seq 100); do grep -q 'packet forwarding - ports=1' /tmp/out && break; sleep 0.2; done
                        """.formatted(address, options, commands), LONG).orFail();
        cards.simulation().execute(() -> {
            tester.sink().mark();
            tester.source().start(FRAMES);
        });
        Registers.await(() -> tester.sink().settled(System.nanoTime(), 2_000_000_000L), 120_000_000_000L);
        return guest.run("""
                        printf 'stop\\nshow port stats 0\\nshow port xstats 0\\nquit\\n' >/tmp/in
                        for i in $(seq 100); do pidof dpdk-testpmd >/dev/null || break; sleep 0.2; done
                        kill %1 2>/dev/null; cat /tmp/out
                        """, LONG).output();
    }

    private static void assertClean(Tester tester, String said) {
        TestReport report = tester.sink().report();
        assertThat(report.received()).as(said).isEqualTo(FRAMES);
        assertThat(report.clean()).as(report.toString()).isTrue();
        assertThat(guest.dmaFaults()).isEmpty();
    }

    private static long counter(String said, String name) {
        Matcher found = Pattern.compile("^" + name + ": ([0-9]+)", Pattern.MULTILINE)
                .matcher(said.substring(said.indexOf("NIC extended statistics")));
        assertThat(found.find()).as(name + " in " + said).isTrue();
        return Long.parseLong(found.group(1));
    }

    @Test
    void everyFrameComesBackAndStatisticsAddUp() {
        String said = forward(plain, "0000:00:10.0", "", "set fwd io");
        assertClean(plain, said);
        for (String name : List.of("rx_good_packets", "tx_good_packets", "rx_total_packets", "tx_total_packets")) {
            assertThat(counter(said, name)).as(name).isEqualTo(FRAMES);
        }
        assertThat(counter(said, "rx_errors") + counter(said, "rx_missed_errors"))
                .isZero();
        assertThat(counter(said, "rx_good_bytes")).isEqualTo(counter(said, "tx_good_bytes"));
    }

    @Test
    void flowsAreSpreadOverTheQueues() {
        String said = forward(plain, "0000:00:10.0", "--rxq=4 --txq=4 --rss-udp", "set fwd io");
        TestReport report = plain.sink().report(); // between queues the order may change
        assertThat(List.of(report.lost(), report.corrupted(), report.duplicated()))
                .containsOnly(0L);
        long all = 0;
        for (int queue = 0; queue < 4; queue++) {
            long packets = counter(said, "rx_q%d_packets".formatted(queue));
            assertThat(packets).as(said).isPositive();
            all += packets;
        }
        assertThat(all).isEqualTo(FRAMES);
    }

    @Test
    void checksumsAreComputedByTheCard() {
        String commands =
                "port stop 0\\ncsum set ip hw 0\\ncsum set udp hw 0\\nport start 0\\nset fwd csum\\nset promisc 0 on";
        String said = forward(plain, "0000:00:10.0", "--enable-rx-cksum", commands);
        TestReport report = plain.sink().report();
        assertThat(List.of(report.received(), report.corrupted())).as(said).containsExactly((long) FRAMES, 0L);
    }

    @Test
    void tagsAreStrippedAndInserted() {
        String commands = "port stop 0\\nvlan set strip on 0\\ntx_vlan set 0 7\\nport start 0\\nset fwd io";
        assertClean(tagged, forward(tagged, "0000:00:11.0", "", commands));
    }
}
