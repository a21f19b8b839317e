package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What it takes to open a PCI card: an IOMMU with VFIO, or a kernel that lets a program reach the card without.
final class PciChecks {
    private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)]");

    private final SystemFiles files;
    private final boolean opensPci;

    /// @param opensPci whether this program has a provider for PCI addresses
    PciChecks(SystemFiles files, boolean opensPci) {
        this.files = files;
        this.opensPci = opensPci;
    }

    List<Check> run() {
        List<Check> checks = new ArrayList<>();
        checks.add(
                opensPci
                        ? Check.ok("PCI cards", "can be opened by this version")
                        : Check.couldBeBetter(
                                "PCI cards", "can't be opened by this version", "use simulated cards: sim:a"));
        checks.add(iommu());
        checks.add(vfio());
        checks.add(lockdown());
        return checks;
    }

    private Check iommu() {
        int groups = files.names("sys/kernel/iommu_groups").size();
        if (groups > 0) {
            return Check.ok("IOMMU", "%d groups".formatted(groups));
        }
        List<String> processor = files.lines("proc/cpuinfo");
        String parameter =
                processor.stream().anyMatch(line -> line.contains("AuthenticAMD")) ? "amd_iommu=on" : "intel_iommu=on";
        if (processor.stream().anyMatch(line -> line.startsWith("flags") && line.contains(" hypervisor"))) {
            return Check.couldBeBetter(
                    "IOMMU",
                    "no groups" + given(parameter),
                    "give the virtual machine one, as in qemu -M q35 -device intel-iommu, and add %s iommu=pt "
                                    .formatted(parameter)
                            + "to its kernel's command line");
        }
        return Check.couldBeBetter(
                "IOMMU",
                "no groups" + given(parameter),
                "switch VT-d or AMD-Vi on in the firmware, add %s iommu=pt to the kernel's command line and reboot"
                        .formatted(parameter));
    }

    private String given(String parameter) {
        return List.of(files.line("proc/cmdline").split(" ", -1)).contains(parameter)
                ? ", although the kernel was started with " + parameter
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
