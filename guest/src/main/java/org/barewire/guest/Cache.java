package org.barewire.guest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What `guest/setup` has put into its folder.
final class Cache {
    private static final Path FOLDER =
            Path.of(System.getenv().getOrDefault("BAREWIRE_GUEST", "/var/tmp/barewire-guest"));

    private Cache() {}

    static Path kernel() {
        return require("vmlinux");
    }

    static Path initramfs() {
        return require("initramfs.gz");
    }

    /// The folder that has the kernel's modules in `lib/modules`.
    static Path modules() {
        return require("kernel");
    }

    /// QEMU 11, by the C library that came with it.
    static List<String> qemu11() {
        String root = require("qemu11").toString();
        return List.of(
                root + "/usr/lib64/ld-linux-x86-64.so.2",
                "--argv0",
                "qemu-system-x86_64",
                "--library-path",
                root + "/usr/lib/x86_64-linux-gnu",
                root + "/usr/bin/qemu-system-x86_64",
                "-L",
                root + "/usr/share/qemu",
                "-L",
                root + "/usr/share/seabios",
                "-L",
                root + "/usr/lib/ipxe/qemu");
    }

    private static Path require(String name) {
        Path file = FOLDER.resolve(name);
        if (!Files.exists(file)) {
            throw new AssertionError(
                    "%s is not there: run guest/setup as root, or set BAREWIRE_GUEST to where it has put its files"
                            .formatted(file));
        }
        return file;
    }
}
