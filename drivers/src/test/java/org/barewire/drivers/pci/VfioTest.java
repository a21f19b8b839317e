package org.barewire.drivers.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.Vfio;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands in the way of VFIO, on a machine of files.
class VfioTest {
    private static final String CARD = "0000:03:00.0";
    private static final String FOLDER = "sys/bus/pci/devices/" + CARD;
    private static final PacketMemory MEMORY =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);

    /// As a Linux guest of QEMU with Intel's IOMMU tells them.
    private static final Vfio.Iommu IOMMU_OF_39_BITS = new Vfio.Iommu(
            0x4020_1000, List.of(new Vfio.Window(0, 0xFEDF_FFFFL), new Vfio.Window(0xFEF0_0000L, 0x7F_FFFF_FFFFL)));

    @TempDir
    private Path root;

    private MadeUpMachine machine;

    @BeforeEach
    void startWithACardInAGroup() {
        machine = new MadeUpMachine(root)
                .cardWithDriver(CARD, "0x8086", "0x10fb", "ixgbe")
                .link(FOLDER + "/iommu_group", "../../../../kernel/iommu_groups/17");
    }

    private void open() {
        new PciDevices(machine.files(), new PciCards(machine.files(), name -> List.of())).open(CARD, MEMORY, false);
    }

    @Test
    void withoutTheModuleItIsSaidHowToLoadIt() {
        assertThatThrownBy(this::open).hasMessageContaining("IOMMU group 17").hasMessageContaining("modprobe vfio-pci");
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/unbind")).isEmpty();
    }

    @Test
    void theModuleIsLoadedIfItCanBe() {
        machine.write("sbin/modprobe", "#!/bin/sh\nmkdir -p %s/sys/bus/pci/drivers/$1\n".formatted(root));
        assertThat(machine.path("sbin/modprobe").toFile().setExecutable(true)).isTrue();
        assertThatThrownBy(this::open).hasMessageContaining("the kernel did not give it to vfio-pci");
        assertThat(machine.read("sys/bus/pci/drivers/ixgbe/bind")).isEqualTo(CARD); // given back
        assertThat(machine.files().line(FOLDER + "/driver_override")).isEmpty();
    }

    @Test
    void devicesThatTheKernelStillDrivesAreNamed() {
        String group = "sys/kernel/iommu_groups/17/devices/";
        machine.cardWithDriver("0000:03:00.1", "0x8086", "0x10fb", "ixgbe")
                .cardWithDriver("0000:00:1c.0", "0x8086", "0x9d10", "pcieport")
                .card("0000:03:00.2", "0x8086", "0x10fb")
                .write(group + CARD, "")
                .write(group + "0000:03:00.1", "")
                .write(group + "0000:03:00.2", "")
                .write(group + "0000:00:1c.0", "");
        assertThat(IommuGroup.obstacle(machine.files(), "17", CARD))
                .contains("still drives of it: 0000:03:00.1 with ixgbe. Unbind each");
        assertThat(IommuGroup.obstacle(machine.files(), "18", CARD)).isEmpty();
    }

    @Test
    void packetMemoryLiesWhereAnIommuOf39BitsReaches() {
        long start = 1L << 37;
        assertThat(VfioContainer.reaches(IOMMU_OF_39_BITS, start, 2 << 20)).isTrue();
        assertThat(VfioContainer.reaches(IOMMU_OF_39_BITS, (1L << 38) - (2 << 20), 2 << 20))
                .isTrue();
    }

    @Test
    void theWindowOfMsiAndTheEndOfTheIommusAddressesAreOutOfReach() {
        assertThat(VfioContainer.reaches(IOMMU_OF_39_BITS, 0xFEC0_0000L, 4 << 20))
                .isFalse();
        assertThat(VfioContainer.reaches(IOMMU_OF_39_BITS, (1L << 39) - 4096, 8192))
                .isFalse();
        assertThat(VfioContainer.reaches(IOMMU_OF_39_BITS, 0x1800, 4096)).isFalse(); // within a page
    }

    @Test
    void oldKernelsThatTellNoWindowsAreAsked() {
        assertThat(VfioContainer.reaches(new Vfio.Iommu(4096, List.of()), 0xFEE0_0000L, 4096))
                .isTrue();
    }
}
