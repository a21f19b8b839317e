package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Finds the machine's PCI network cards in sysfs (`Documentation/ABI/testing/sysfs-bus-pci`).
final class PciCards {
    private static final String DEVICES = "sys/bus/pci/devices/";
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    /// Base class of network controllers (PCI Code and ID Assignment Specification 1.3).
    private static final int NETWORK = 0x02;

    private final SystemFiles files;
    private final Function<String, List<String>> addresses;
    private final Set<String> defaultRoutes;
    private final PciNames names;

    /// @param addresses an interface's addresses by its name, which sysfs doesn't have
    PciCards(SystemFiles files, Function<String, List<String>> addresses) {
        this.files = files;
        this.addresses = addresses;
        defaultRoutes = DefaultRoutes.interfaces(files);
        names = new PciNames(files);
    }

    /// All of them, by address.
    List<PciCard> find() {
        return files.names(DEVICES).stream()
                .filter(address -> ADDRESS.matcher(address).matches())
                .filter(address -> files.hex(DEVICES + address + "/class") >> 16 == NETWORK)
                .map(this::read)
                .toList();
    }

    private PciCard read(String address) {
        String folder = DEVICES + address;
        long vendor = files.hex(folder + "/vendor");
        long device = files.hex(folder + "/device");
        return new PciCard(
                address,
                vendor,
                device,
                vendor < 0 || device < 0 ? "" : names.of(vendor, device),
                files.linkName(folder + "/driver"),
                interfaces(folder),
                Math.max(-1, files.number(folder + "/numa_node", -1)),
                files.linkName(folder + "/iommu_group"));
    }

    /// A virtio card's interfaces are one level further down, below the device on the virtio bus.
    private List<NetInterface> interfaces(String folder) {
        List<NetInterface> interfaces = new ArrayList<>(interfacesIn(folder + "/net/"));
        for (String child : files.folders(folder)) {
            interfaces.addAll(interfacesIn(folder + "/" + child + "/net/"));
        }
        return interfaces;
    }

    private List<NetInterface> interfacesIn(String net) {
        return files.names(net).stream()
                .map(name -> NetInterface.read(files, net + name, name, addresses, defaultRoutes))
                .toList();
    }
}
