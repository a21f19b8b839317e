package org.barewire.drivers.pci;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.Finding;
import org.barewire.core.device.Finding.Verdict;
import org.barewire.core.linux.Capability;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.SystemFiles;

/// Looks at what it takes to open one PCI card, and at what is missing, without changing anything.
final class PciDoctor {
    private static final String HUGE_PAGES = "sys/kernel/mm/hugepages/hugepages-2048kB/";
    private static final int ENOUGH_PAGES = 64;

    private final SystemFiles files;
    private final PciCards cards;
    private final List<Finding> findings = new ArrayList<>();

    PciDoctor(SystemFiles files, PciCards cards) {
        this.files = files;
        this.cards = cards;
    }

    /// The findings for an address like `0000:03:00.0`.
    List<Finding> examine(String address) {
        cards.find(address)
                .ifPresentOrElse(
                        this::examine,
                        () -> add(
                                "device",
                                Verdict.MISSING,
                                "there is no PCI device %s".formatted(address),
                                "barewire devices"));
        return List.copyOf(findings);
    }

    private void examine(PciCard card) {
        good("device", (card.idText() + " " + card.name()).strip());
        card.driverHere()
                .ifPresentOrElse(
                        driver -> good("driver", driver.name()),
                        () -> add(
                                "driver",
                                Verdict.MISSING,
                                "none for %s. There are drivers for: %s".formatted(card.idText(), PciDrivers.names()),
                                "afxdp:IF, if the kernel drives it"));
        kernel(card);
        good("NUMA", card.numaNode() == Numa.NO_NODE ? "no node" : "node " + card.numaNode());
        if (card.iommuGroup().isEmpty()) {
            withoutIommu();
        } else {
            group(card);
        }
    }

    private void kernel(PciCard card) {
        List<String> uses = card.uses();
        if (uses.isEmpty()) {
            good("kernel", card.driver().isEmpty() ? "no driver" : "driver %s, not in use".formatted(card.driver()));
        }
        uses.forEach(use -> add("kernel", Verdict.MISSING, use, card.address() + "?force=yes takes it as it is"));
    }

    private void withoutIommu() {
        add(
                "IOMMU",
                Verdict.COULD_BE_BETTER,
                "none: the card reaches all of the machine's memory, only root can use it, and it can't interrupt",
                "switch VT-d or AMD-Vi on in the firmware, and boot with intel_iommu=on iommu=pt on Intel's");
        root();
        long free = Math.max(0, files.number(HUGE_PAGES + "free_hugepages", 0));
        String pages = "%d of 2 MiB are free; packets have to lie on some".formatted(free);
        if (free >= ENOUGH_PAGES) {
            good("huge pages", pages);
        } else {
            Verdict verdict = free == 0 ? Verdict.MISSING : Verdict.COULD_BE_BETTER;
            add("huge pages", verdict, pages, "sudo sysctl vm.nr_hugepages=" + 2 * ENOUGH_PAGES);
        }
    }

    private void group(PciCard card) {
        String obstacle = IommuGroup.obstacle(files, card.iommuGroup(), card.address());
        if (obstacle.isEmpty()) {
            good("IOMMU", "group " + card.iommuGroup());
        } else {
            add(
                    "IOMMU",
                    Verdict.MISSING,
                    obstacle,
                    "echo ADDRESS | sudo tee /sys/bus/pci/devices/ADDRESS/driver/unbind");
        }
        if (!VfioModule.isLoaded(files)) {
            add("vfio-pci", Verdict.COULD_BE_BETTER, "not loaded, which opening tries", "sudo modprobe vfio-pci");
        }
        String file = files.absolute("dev/vfio/" + card.iommuGroup());
        if (!card.driver().equals(KernelDriver.VFIO)) {
            root();
        } else if (Files.isReadable(Path.of(file)) && Files.isWritable(Path.of(file))) {
            good("permission", file + " may be opened");
        } else {
            add("permission", Verdict.MISSING, file + " may not be opened", "sudo chown $USER " + file);
        }
    }

    private void root() {
        if (Capability.SYS_ADMIN.isHeld()) {
            good("permission", "CAP_SYS_ADMIN");
        } else {
            add("permission", Verdict.MISSING, "only root can take it from the kernel", "sudo ./barewire ...");
        }
    }

    private void good(String topic, String text) {
        add(topic, Verdict.GOOD, text, "");
    }

    private void add(String topic, Verdict verdict, String text, String cure) {
        findings.add(new Finding(topic, verdict, text, cure));
    }
}
