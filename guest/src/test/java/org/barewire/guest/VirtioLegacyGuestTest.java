package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Barewire's virtio driver on QEMU's devices without an IOMMU, through sysfs: legacy ones by their I/O ports,
/// and a transitional one.
@Tag("guest")
class VirtioLegacyGuestTest {
    private static final String LEGACY = "0000:00:10.0";
    private static final String OLDEST = "0000:00:11.0"; // without what came later
    private static final String TRANSITIONAL = "0000:00:12.0";

    private static Guest guest;
    private static AgentSession agent;

    @BeforeAll
    static void boot() {
        guest = Guest.builder("virtio-legacy")
                .memory(1280)
                .hugePages(160)
                .modules("virtio_net")
                .nic("virtio-net-pci", "disable-modern=on")
                .nic(
                        "virtio-net-pci",
                        "disable-modern=on,any_layout=off,mrg_rxbuf=off,ctrl_vq=off,status=off,event_idx=off,"
                                + "indirect_desc=off")
                .nic("virtio-net-pci", "")
                .boot();
        agent = guest.agent();
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    @AfterEach
    void close() {
        agent.ask("close nic");
    }

    @ParameterizedTest
    @CsvSource({"0, " + LEGACY + ", legacy", "1, " + OLDEST + ", legacy", "2, " + TRANSITIONAL + ", modern"})
    void everyFrameIsEchoedUnchanged(int wire, String nic, String kind) {
        assertThat(agent.ask("open nic " + nic).text("description")).contains(kind);
        agent.assertEchoes("nic", guest.wire(wire), 100_000, 1514, 1);
    }

    @ParameterizedTest
    @CsvSource({"0, " + LEGACY, "1, " + OLDEST})
    void jumboFramesPass(int wire, String nic) {
        agent.ask("open nic %s?mtu=9000".formatted(nic));
        agent.assertEchoes("nic", guest.wire(wire), 5_000, 9014, 2);
    }

    @Test
    void theAddressIsSetInTheConfigurationWhereThereIsNoCommand() {
        agent.ask("open nic " + OLDEST);
        assertThat(agent.ask("mac nic").text("mac"))
                .isEqualTo(guest.wire(1).guestAddress().toString());
        agent.ask("mac nic 52:54:00:00:00:55");
        agent.ask("close nic");
        assertThat(agent.ask("open nic " + OLDEST).text("mac")).isNotEmpty();
    }

    @Test
    void aPortIsOpenedTenTimesAndTheKernelHasItBack() {
        for (int i = 0; i < 10; i++) {
            agent.ask("open nic " + LEGACY);
            agent.assertEchoes("nic", guest.wire(0), 1_000, 1514, 10 + i);
            agent.ask("close nic");
        }
        Pinger.assertPings(guest, 0, LEGACY);
        agent.ask("open nic " + LEGACY);
    }
}
