package org.barewire.drivers.pci;

import java.util.List;
import org.barewire.core.linux.SystemFiles;

/// What PCI devices are called: by the drivers that know them, else by the machine's list of PCI ids.
final class PciNames {
    /// Debian's place and Fedora's.
    private static final List<String> LISTS = List.of("usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids");

    private final List<String> list;

    PciNames(SystemFiles files) {
        list = LISTS.stream()
                .map(files::lines)
                .filter(lines -> !lines.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    /// Empty if it isn't known.
    String of(PciId id) {
        return PciDrivers.find(id).map(driver -> driver.model(id)).orElseGet(() -> listed(id.vendor(), id.device()));
    }

    /// A vendor's line starts with its id; its devices' lines follow, indented by one tab.
    private String listed(int vendor, int device) {
        String vendorStart = "%04x  ".formatted(vendor);
        String deviceStart = "\t%04x  ".formatted(device);
        String vendorName = "";
        for (String line : list) {
            if (!vendorName.isEmpty() && line.startsWith(deviceStart)) {
                return vendorName + " " + line.substring(deviceStart.length()).strip();
            }
            if (line.startsWith(vendorStart)) {
                vendorName = line.substring(vendorStart.length()).strip();
            } else if (!vendorName.isEmpty() && !line.startsWith("\t") && !line.startsWith("#")) {
                break;
            }
        }
        return vendorName;
    }
}
