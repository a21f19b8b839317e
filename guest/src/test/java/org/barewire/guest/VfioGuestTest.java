package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// PCI devices behind an IOMMU, taken through VFIO from the guest's kernel by {@link PciProbe}.
@Tag("guest")
class VfioGuestTest {
    private static final String CARD = "0000:00:10.0";
    private static final String OTHER = "0000:00:11.0";

    private static Guest guest;

    @BeforeAll
    static void boot() {
        guest = Guest.builder("vfio")
                .iommu()
                .hugePages(16)
                .modules("e1000e", "e1000")
                .qemu("-device", "pci-bridge,id=bridge,chassis_nr=1,addr=0x14")
                .nic("e1000e", "")
                .nic("e1000e", "")
                .nic("e1000", "bus=bridge,addr=1")
                .nic("e1000", "bus=bridge,addr=2")
                .boot();
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    private static String probe(String... arguments) {
        return guest.java(PciProbe.class, arguments).output();
    }

    private static String driver(String card) {
        return guest.run("basename $(readlink /sys/bus/pci/devices/%s/driver)".formatted(card))
                .output();
    }

    /// The two cards behind the bridge, which one IOMMU group holds together.
    private static List<String> bridged() {
        return guest.run("grep -l 0x100e /sys/bus/pci/devices/*/device | cut -d/ -f6")
                .orFail()
                .lines()
                .toList();
    }

    @Test
    void registersAndPortsAreTheCardsAndTheKernelGetsItBack() {
        String found = probe("look", CARD);
        assertThat(found).contains("config=10d38086", "express=true", "address=525400000001", "vectors=5");
        String status = found.replaceAll("(?s).*status=([0-9a-f]{8}).*", "$1");
        assertThat(found).contains("ports=" + status, "status8=" + status.substring(6));
        assertThat(Integer.parseInt(found.replaceAll("(?s).*command=(....).*", "$1"), 16) & 4)
                .isZero(); // not a bus master yet
        assertThat(driver(CARD)).isEqualTo("e1000e");
    }

    @Test
    void messageSignalledInterruptsArrive() {
        assertThat(probe("interrupt", CARD)).contains("kind=MSIX", "arrived=true\narrived=true", "closed=true");
    }

    @Test
    void theCardReachesMappedMemoryAndNothingElse() {
        assertThat(probe("dma", CARD)).contains("written=true");
        assertThat(guest.dmaFaults()).noneMatch(fault -> fault.contains("1234500000"));
        assertThat(probe("stray", OTHER)).contains("written=false");
        assertThat(guest.dmaFaults()).anyMatch(fault -> fault.contains("1234500000"));
    }

    @Test
    void twoCardsShareMemory() {
        String found = probe("beside", CARD, OTHER);
        assertThat(found.lines().filter("written=true"::equals)).as(found).hasSize(2);
        assertThat(found).contains("memory=4 MiB", "closed=true");
    }

    /// QEMU's card keeps its registers as well, which one of hardware does not.
    @Test
    void aResetKeepsConfiguration() {
        assertThat(probe("reset", CARD)).contains("command=0107", "closed=true");
    }

    @Test
    void aCardInUseIsRefusedUnlessForced() {
        String eth =
                guest.run("ls /sys/bus/pci/devices/%s/net".formatted(OTHER)).output();
        guest.run("ip address add 192.0.2.7/24 dev " + eth).orFail();
        assertThat(probe("look", OTHER)).contains("refused=0000:00:11.0 is in use: interface " + eth);
        assertThat(probe("look", OTHER, "force")).contains("config=10d38086");
        assertThat(driver(OTHER)).isEqualTo("e1000e");
    }

    @Test
    void aProcessThatIsKilledGivesItsCardBack() {
        guest.run("(%s) >/run/held 2>&1 & for i in $(seq 200); do grep -q held= /run/held && break; sleep 0.1; done"
                        .formatted(JavaCommand.of(PciProbe.class, "hold", CARD)))
                .orFail();
        assertThat(driver(CARD)).isEqualTo("vfio-pci");
        guest.run("pkill -9 -f PciProbe; " + untilDriverIs("e1000e", CARD)).orFail();
    }

    static String untilDriverIs(String driver, String card) {
        return "for i in $(seq 200); do readlink /sys/bus/pci/devices/%s/driver | grep -q '/%s$' && exit 0; sleep 0.1; done; exit 1"
                .formatted(card, driver);
    }

    @Test
    void aUserWithoutPrivilegesUsesAGroupThatIsHis() {
        guest.run("""
                        d=/sys/bus/pci/devices/%1$s
                        echo vfio-pci >$d/driver_override
                        echo %1$s >$d/driver/unbind
                        echo %1$s >/sys/bus/pci/drivers_probe""".formatted(OTHER)).orFail();
        String command = "ulimit -l 65536; " + JavaCommand.asNobody(PciProbe.class, "dma", OTHER);
        assertThat(guest.run(command).output()).contains("may not be opened by this user: sudo chown $USER /dev/vfio/");
        guest.run("chown 65534 /dev/vfio/$(basename $(readlink /sys/bus/pci/devices/%s/iommu_group))".formatted(OTHER))
                .orFail();
        assertThat(guest.run(command).output()).contains("written=true", "closed=true");
        assertThat(driver(OTHER)).isEqualTo("vfio-pci"); // as it was
        guest.run("""
                        d=/sys/bus/pci/devices/%1$s
                        echo >$d/driver_override
                        echo %1$s >$d/driver/unbind
                        echo %1$s >/sys/bus/pci/drivers_probe""".formatted(OTHER)).orFail();
    }

    @Test
    void aGroupIsUsedAsAWholeAndItsCardsInterruptByTheirLine() {
        List<String> cards = bridged();
        assertThat(cards).hasSize(2);
        assertThat(probe("look", cards.getFirst()))
                .contains("still drives of it: %s with e1000. Unbind each".formatted(cards.getLast()));
        assertThat(driver(cards.getFirst())).isEqualTo("e1000");
        guest.run("echo %1$s >/sys/bus/pci/devices/%1$s/driver/unbind".formatted(cards.getLast()))
                .orFail();
        assertThat(probe("look", cards.getFirst())).contains("config=100e8086", "vectors=1", "express=false");
        assertThat(probe("interrupt", cards.getFirst())).contains("kind=INTX", "arrived=true\narrived=true");
    }
}
