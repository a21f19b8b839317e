package org.barewire.drivers.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.barewire.core.device.Finding;
import org.barewire.core.device.Finding.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PciDoctorTest {
    private static final String CARD = "0000:03:00.0";
    private static final String FOLDER = "sys/bus/pci/devices/" + CARD;

    @TempDir
    private Path root;

    private MadeUpMachine machine;
    private List<String> addresses = List.of();

    @BeforeEach
    void startWithACard() {
        machine = new MadeUpMachine(root).cardWithDriver(CARD, "0x8086", "0x10fb", "ixgbe");
    }

    private Finding find(String topic) {
        List<Finding> findings =
                new PciDoctor(machine.files(), new PciCards(machine.files(), name -> addresses)).examine(CARD);
        return findings.stream()
                .filter(finding -> finding.topic().equals(topic))
                .findFirst()
                .orElseThrow(() -> new AssertionError(topic + " is not among " + findings));
    }

    @Test
    void aCardThatIsNotThereIsMissing() {
        assertThat(new PciDoctor(machine.files(), new PciCards(machine.files(), name -> List.of()))
                        .examine("0000:04:00.0"))
                .singleElement()
                .returns(Verdict.MISSING, Finding::verdict);
    }

    @Test
    void withoutAnIommuHugePagesAreNeeded() {
        assertThat(find("IOMMU").verdict()).isEqualTo(Verdict.COULD_BE_BETTER);
        assertThat(find("huge pages"))
                .returns(Verdict.MISSING, Finding::verdict)
                .returns("sudo sysctl vm.nr_hugepages=128", Finding::cure);
        machine.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "64\n");
        assertThat(find("huge pages").verdict()).isEqualTo(Verdict.GOOD);
    }

    @Test
    void whatTheKernelUsesItForIsSaid() {
        assertThat(find("kernel").text()).isEqualTo("driver ixgbe, not in use");
        machine.netInterface(CARD, "", "eth0");
        addresses = List.of("192.0.2.7/24");
        assertThat(find("kernel"))
                .returns(Verdict.MISSING, Finding::verdict)
                .returns("0000:03:00.0?force=yes takes it as it is", Finding::cure);
    }

    @Test
    void aGroupThatTheKernelStillUsesIsExplained() {
        machine.link(FOLDER + "/iommu_group", "../../../../kernel/iommu_groups/17")
                .write("sys/kernel/iommu_groups/17/devices/" + CARD, "");
        assertThat(find("IOMMU")).isEqualTo(new Finding("IOMMU", Verdict.GOOD, "group 17", ""));
        assertThat(find("vfio-pci").cure()).isEqualTo("sudo modprobe vfio-pci");
        machine.cardWithDriver("0000:03:00.1", "0x8086", "0x10fb", "ixgbe")
                .write("sys/kernel/iommu_groups/17/devices/0000:03:00.1", "");
        assertThat(find("IOMMU").text()).contains("0000:03:00.1 with ixgbe");
    }
}
