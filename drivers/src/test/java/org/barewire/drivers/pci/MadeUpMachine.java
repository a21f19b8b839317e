package org.barewire.drivers.pci;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barewire.core.linux.SystemFiles;

/// A tree of files that looks like `/proc` and `/sys` of a machine that isn't there.
final class MadeUpMachine {
    private static final String PCI = "sys/bus/pci/devices/";

    private final Path root;

    MadeUpMachine(Path root) {
        this.root = root;
    }

    SystemFiles files() {
        return new SystemFiles(root);
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

    MadeUpMachine folder(String path) {
        try {
            Files.createDirectories(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
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

    /// @param below the card's folder, or one in it with a slash at its end
    MadeUpMachine netInterface(String address, String below, String name) {
        String folder = PCI + address + "/" + below + "net/" + name;
        return write(folder + "/operstate", "up\n")
                .write(folder + "/speed", "10000\n")
                .write(folder + "/flags", "0x1003\n");
    }
}
