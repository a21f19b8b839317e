package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.barewire.cli.Check.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What PCI cards need: support of the machine, and privileges.
class PciChecksTest {
    @TempDir
    private Path root;

    private MadeUpMachine machine;

    @BeforeEach
    void startWithAnEmptyMachine() {
        machine = new MadeUpMachine(root);
    }

    private static Check check(List<Check> checks, String topic) {
        return checks.stream().filter(c -> c.topic().equals(topic)).findFirst().orElseThrow();
    }

    private List<Check> privileges() {
        return new PrivilegeChecks(machine.files()).run();
    }

    private List<Check> pci() {
        return new PciChecks(machine.files()).run();
    }

    @Test
    void capabilitiesAreReadBitByBit() {
        machine.write("proc/self/status", "Name:\tjava\nCapEff:\t0000000000001000\n"); // CAP_NET_ADMIN
        assertThat(check(privileges(), "capabilities").finding()).startsWith("no CAP_IPC_LOCK, CAP_SYS_ADMIN:");
        machine.write("proc/self/status", "CapEff:\tffffffffffffffff\n");
        assertThat(privileges()).allMatch(check -> check.verdict() == Verdict.OK);
        machine.write("proc/self/status", "CapEff:\tgarbage\n");
        assertThat(check(privileges(), "capabilities").verdict()).isEqualTo(Verdict.COULD_BE_BETTER);
    }

    @Test
    void theSoftLimitOfLockedMemoryCounts() {
        machine.write("proc/self/limits", "Max locked memory         8388608     unlimited   bytes\n");
        assertThat(check(privileges(), "locked memory").finding()).startsWith("8192 KiB may be locked");
        machine.write("proc/self/limits", "Max locked memory         unlimited   unlimited   bytes\n");
        assertThat(check(privileges(), "locked memory").verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void theIommusCureDependsOnTheMachine() {
        assertThat(check(pci(), "IOMMU").cure()).contains("VT-d");
        machine.write("proc/cpuinfo", "vendor_id\t: AuthenticAMD\nflags\t\t: fpu vme\n");
        assertThat(check(pci(), "IOMMU").cure()).contains("AMD-Vi");
        machine.write("proc/cpuinfo", "flags\t\t: fpu hypervisor\n").write("proc/cmdline", "quiet intel_iommu=on\n");
        assertThat(check(pci(), "IOMMU").finding()).contains("virtual machine", "intel_iommu=on was given");
        machine.folder("sys/kernel/iommu_groups/0").folder("sys/kernel/iommu_groups/1");
        assertThat(check(pci(), "IOMMU")).isEqualTo(Check.ok("IOMMU", "2 groups"));
    }

    @Test
    void lockdownAndVfioAreSeen() {
        machine.write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        assertThat(check(pci(), "kernel lockdown").finding()).startsWith("integrity");
        assertThat(check(pci(), "vfio-pci").cure()).isEqualTo("sudo modprobe vfio-pci");
        machine.folder("sys/module/vfio_pci");
        assertThat(check(pci(), "vfio-pci").verdict()).isEqualTo(Verdict.OK);
    }
}
