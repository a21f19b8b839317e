package org.barewire.drivers.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.SystemFiles;
import org.jspecify.annotations.Nullable;

/// Finds the machine's PCI network cards in sysfs (`Documentation/ABI/testing/sysfs-bus-pci`).
public final class PciCards {
    static final String DEVICES = "sys/bus/pci/devices/";
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    /// Base class of network controllers (PCI Code and ID Assignment Specification 1.3).
    private static final int NETWORK = 0x02;

    private final SystemFiles files;
    private final Function<String, List<String>> addresses;
    private final Set<String> defaultRoutes;
    private final PciNames names;

    /// Those of the machine.
    public PciCards() {
        this(SystemFiles.ofMachine(), KernelInterface::addressesOf);
    }

    /// @param addresses an interface's addresses by its name, which sysfs doesn't have
    public PciCards(SystemFiles files, Function<String, List<String>> addresses) {
        this.files = files;
        this.addresses = addresses;
        defaultRoutes = DefaultRoutes.interfaces(files);
        names = new PciNames(files);
    }

    /// All of them, by address.
    public List<PciCard> find() {
        return files.names(DEVICES).stream()
                .filter(address -> ADDRESS.matcher(address).matches())
                .filter(this::isNetworkCard)
                .map(this::read)
                .toList();
    }

    /// The device at an address, be it a network card or not; empty if there is none.
    Optional<PciCard> find(String address) {
        return ADDRESS.matcher(address).matches() && files.exists(DEVICES + address)
                ? Optional.of(read(address))
                : Optional.empty();
    }

    private boolean isNetworkCard(String address) {
        return files.hex(DEVICES + address + "/class") >> 16 == NETWORK;
    }

    private PciCard read(String address) {
        String folder = DEVICES + address;
        PciId id = readId(folder);
        return new PciCard(
                address,
                id,
                id == null ? "" : names.of(id),
                files.linkName(folder + "/driver"),
                interfaces(folder),
                (int) Math.max(Numa.NO_NODE, files.number(folder + "/numa_node", Numa.NO_NODE)),
                files.linkName(folder + "/iommu_group"));
    }

    private @Nullable PciId readId(String folder) {
        long vendor = files.hex(folder + "/vendor");
        long device = files.hex(folder + "/device");
        return vendor < 0 || device < 0
                ? null
                : new PciId(
                        (int) vendor,
                        (int) device,
                        number(folder + "/subsystem_vendor"),
                        number(folder + "/subsystem_device"),
                        number(folder + "/revision"),
                        number(folder + "/class"));
    }

    private int number(String path) {
        return (int) Math.max(0, files.hex(path));
    }

    /// A virtio card's interfaces are one level further down, below the device on the virtio bus.
    private List<KernelInterface> interfaces(String folder) {
        List<KernelInterface> interfaces = new ArrayList<>(interfacesIn(folder + "/net/"));
        for (String child : files.folders(folder)) {
            interfaces.addAll(interfacesIn(folder + "/" + child + "/net/"));
        }
        return interfaces;
    }

    private List<KernelInterface> interfacesIn(String net) {
        return files.names(net).stream()
                .map(name -> KernelInterface.read(files, net + name, name, addresses, defaultRoutes))
                .toList();
    }
}
