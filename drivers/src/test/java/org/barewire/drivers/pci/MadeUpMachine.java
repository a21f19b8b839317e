package org.barewire.drivers.pci;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.barewire.core.linux.SystemFiles;

/// A tree of files that looks like `/proc` and `/sys` of a machine that isn't there. What is written to it stays
/// as it is: no kernel acts on it.
final class MadeUpMachine {
    private static final String PCI = "sys/bus/pci/devices/";

    private final Path root;

    MadeUpMachine(Path root) {
        this.root = root;
    }

    SystemFiles files() {
        return new SystemFiles(root);
    }

    Path path(String path) {
        return root.resolve(path);
    }

    MadeUpMachine write(String path, String content) {
        try {
            Files.createDirectories(root.resolve(path).getParent());
            Files.writeString(root.resolve(path), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /// What is in a file.
    String read(String path) {
        try {
            return Files.readString(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Removes a folder, as if the device were gone.
    void remove(String path) {
        try (Stream<Path> files = Files.walk(root.resolve(path))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    MadeUpMachine link(String path, String target) {
        try {
            Files.createDirectories(root.resolve(path).getParent());
            Files.createSymbolicLink(root.resolve(path), Path.of(target));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    MadeUpMachine card(String address, String vendor, String device) {
        return write(PCI + address + "/class", "0x020000\n")
                .write(PCI + address + "/vendor", vendor + "\n")
                .write(PCI + address + "/device", device + "\n");
    }

    /// A card with the files that it takes to open it, and the kernel's driver for it.
    MadeUpMachine cardWithDriver(String address, String vendor, String device, String driver) {
        return card(address, vendor, device)
                .driver(driver)
                .link(PCI + address + "/driver", "../../drivers/" + driver)
                .write(PCI + address + "/driver_override", "(null)\n")
                .write(PCI + address + "/enable", "0\n")
                .write("sys/bus/pci/drivers_probe", "");
    }

    MadeUpMachine driver(String name) {
        return write("sys/bus/pci/drivers/" + name + "/bind", "").write("sys/bus/pci/drivers/" + name + "/unbind", "");
    }

    /// @param below the card's folder, or one in it with a slash at its end
    MadeUpMachine netInterface(String address, String below, String name) {
        String folder = PCI + address + "/" + below + "net/" + name;
        return write(folder + "/operstate", "up\n")
                .write(folder + "/speed", "10000\n")
                .write(folder + "/flags", "0x1003\n");
    }
}
