package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A machine of two NUMA nodes, each with a CPU, and a card on the second.
@Tag("guest")
class NumaGuestTest {
    private static final String CARD = "0000:81:00.0";

    private static Guest guest;

    @BeforeAll
    static void boot() {
        guest = Guest.builder("numa")
                .iommu()
                .modules("e1000e")
                .qemu(
                        "-object",
                        "memory-backend-ram,id=here,size=512M",
                        "-object",
                        "memory-backend-ram,id=there,size=512M")
                .qemu("-numa", "node,nodeid=0,cpus=0,memdev=here", "-numa", "node,nodeid=1,cpus=1,memdev=there")
                .qemu("-device", "pxb-pcie,id=far,bus_nr=128,bus=pcie.0,numa_node=1")
                .qemu("-device", "pcie-root-port,id=away,bus=far,chassis=5")
                .nic("e1000e", "bus=away")
                .boot();
        for (int node = 0; node < 2; node++) {
            guest.run("echo 16 >/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/nr_hugepages"
                            .formatted(node))
                    .orFail();
        }
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    /// Dumps from the card for five seconds; says on which CPU, and on which node each region of packet memory is.
    private static String dump(String prefix) {
        String dump = prefix + JavaCommand.barewire("dump", CARD, "-w", "/dev/null", "--time", "5");
        return guest.run("""
                        (%s) 2>&1 &
                        for i in $(seq 300); do p=$(pgrep -f org.barewire.cli | tail -1); t=$(grep -ls barewire-dump /proc/$p/task/*/comm) && grep -P 'Cpus_allowed_list:\\t[01]$' ${t%%%%comm}status && break; sleep 0.1; done
                        grep 'memfd:barewire.* huge' /proc/$p/numa_maps
                        wait""".formatted(dump)).output();
    }

    @Test
    void threadsAndPacketsAreOnTheCardsNode() {
        assertThat(dump("env ")).contains("Cpus_allowed_list:\t1", " N1=").doesNotContain(" N0=", "NUMA");
    }

    @Test
    void aThreadThatMayNotRunThereIsToldOf() {
        assertThat(dump("taskset -c 0 env "))
                .contains("Cpus_allowed_list:\t0", CARD + " is on NUMA node 1, but CPU 0")
                .contains("start with taskset -c 1", " N1=")
                .doesNotContain(" N0=", "memory of node");
    }
}
