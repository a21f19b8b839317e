package org.barewire.cli;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barewire.core.linux.SystemFiles;

/// What it takes to open a PCI card: an IOMMU with VFIO, or a kernel that lets a program reach the card
/// without.
final class PciChecks {
    private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)]");

    private final SystemFiles files;

    PciChecks(SystemFiles files) {
        this.files = files;
    }

    List<Check> run() {
        return List.of(iommu(), vfio(), lockdown());
    }

    private Check iommu() {
        int groups = files.names("sys/kernel/iommu_groups").size();
        if (groups > 0) {
            return Check.ok("IOMMU", "%d groups".formatted(groups));
        }
        List<String> processor = files.lines("proc/cpuinfo");
        if (processor.stream().anyMatch(line -> line.startsWith("flags") && line.contains(" hypervisor"))) {
            return Check.couldBeBetter(
                    "IOMMU",
                    "no groups: this virtual machine needs one from its host, as in qemu -M q35 -device intel-iommu"
                            + given(),
                    "boot with intel_iommu=on iommu=pt, once the host gives it");
        }
        return processor.stream().anyMatch(line -> line.contains("AuthenticAMD"))
                ? Check.couldBeBetter("IOMMU", "no groups", "switch AMD-Vi (IOMMU) on in the firmware's setup")
                : Check.couldBeBetter(
                        "IOMMU",
                        "no groups" + given(),
                        "switch VT-d on in the firmware and boot with intel_iommu=on iommu=pt");
    }

    private String given() {
        return List.of(files.line("proc/cmdline").split(" ", -1)).contains("intel_iommu=on")
                ? "; intel_iommu=on was given"
                : "";
    }

    private Check vfio() {
        boolean there = files.exists("sys/module/vfio_pci") || files.exists("sys/bus/pci/drivers/vfio-pci");
        return there
                ? Check.ok("vfio-pci", "loaded")
                : Check.couldBeBetter("vfio-pci", "not loaded", "sudo modprobe vfio-pci");
    }

    /// `kernel_lockdown(7)`: both levels keep programs from a card's registers in sysfs.
    private Check lockdown() {
        Matcher chosen = CHOSEN.matcher(files.line("sys/kernel/security/lockdown"));
        String level = chosen.find() ? chosen.group(1) : "none";
        return level.equals("none")
                ? Check.ok("kernel lockdown", "off")
                : Check.couldBeBetter(
                        "kernel lockdown",
                        level + ": cards can be reached through VFIO only",
                        "use VFIO, or switch Secure Boot off in the firmware");
    }
}
