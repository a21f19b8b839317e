package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Barewire's virtio driver on the packed rings of QEMU 11, through VFIO, behind an IOMMU.
@Tag("guest")
class VirtioPackedGuestTest {
    private static final String NIC = "0000:00:10.0";
    private static final String IN_ORDER = "0000:00:11.0";

    private static Guest guest;
    private static AgentSession agent;

    @BeforeAll
    static void boot() {
        guest = Guest.builder("virtio-packed")
                .qemu11()
                .iommu()
                .memory(1280)
                .hugePages(160)
                .modules("virtio_net")
                .nic("virtio-net-pci", "disable-legacy=on,iommu_platform=on,packed=on")
                .nic("virtio-net-pci", "disable-legacy=on,iommu_platform=on,packed=on,in_order=on,event_idx=off")
                .boot();
        agent = guest.agent();
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    @AfterEach
    void closesWithoutAFault() {
        agent.ask("close nic");
        assertThat(guest.dmaFaults()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, " + NIC + ", packed", "1, " + IN_ORDER + ", packed", "1, " + IN_ORDER + ", split"})
    void everyFrameIsEchoedUnchanged(int wire, String nic, String ring) {
        assertThat(agent.ask("open nic %s?ring=%s".formatted(nic, ring)).text("description"))
                .contains(ring + " rings");
        agent.assertEchoes("nic", guest.wire(wire), 100_000, 1514, 1);
    }

    @ParameterizedTest
    @CsvSource({"0, " + NIC, "1, " + IN_ORDER})
    void jumboFramesFillSeveralBuffers(int wire, String nic) {
        agent.ask("open nic %s?ring=packed&mtu=9000".formatted(nic));
        agent.assertEchoes("nic", guest.wire(wire), 10_000, 9014, 2);
    }

    @Test
    void commandsGoThroughAPackedRing() {
        agent.ask("open nic %s?ring=packed&vlans=1".formatted(NIC));
        for (int i = 0; i < 50; i++) { // around the ring
            agent.ask("promiscuous nic " + (i % 2 == 0 ? "on" : "off"));
        }
        agent.assertEchoes("nic", guest.wire(0), 1_000, 1514, 3);
    }

    @Test
    void aPortIsOpenedTenTimesAndTheKernelHasItBack() {
        for (int i = 0; i < 10; i++) {
            agent.ask("open nic %s?ring=packed".formatted(NIC));
            agent.assertEchoes("nic", guest.wire(0), 1_000, 1514, 10 + i);
            agent.ask("close nic");
        }
        Pinger.assertPings(guest, 0, NIC);
        agent.ask("open nic " + NIC);
    }
}
