package org.barewire.drivers.pci;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.SystemFiles;

/// The kernel's `vfio-pci`, which is a module in most systems.
final class VfioModule {
    private static final String DRIVER = "sys/bus/pci/drivers/vfio-pci";
    private static final String MODPROBE = "sbin/modprobe";
    private static final long PATIENCE_SECONDS = 20;

    private VfioModule() {}

    static boolean isLoaded(SystemFiles files) {
        return files.exists(DRIVER);
    }

    /// Has it loaded if it isn't.
    static void load(SystemFiles files, PciCard card) {
        if (!isLoaded(files) && files.exists(MODPROBE)) {
            run(files.absolute(MODPROBE), "vfio-pci");
        }
        if (!isLoaded(files)) {
            throw new DeviceException(
                    "%s is in IOMMU group %s, and it takes the kernel's vfio-pci to use it, which is not loaded."
                                    .formatted(card.address(), card.iommuGroup())
                            + " Load it: sudo modprobe vfio-pci");
        }
    }

    /// Runs a command to its end, whatever that is: what matters is whether the module is there afterwards.
    private static void run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return; // no such command, or not executable
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
