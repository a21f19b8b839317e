package org.barewire.drivers.pci;

import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.SystemFiles;

/// Which of the kernel's drivers has a card: takes it from the one that does, and gives it back.
///
/// A card's `driver_override` names the only driver that may have it
/// (`Documentation/ABI/testing/sysfs-bus-pci`).
final class KernelDriver {
    static final String VFIO = "vfio-pci";

    /// No driver has this name: with it as the override, the kernel leaves the card alone.
    private static final String NOBODY = "barewire";

    private final SystemFiles files;
    private final PciCard card;
    private final String folder;
    private final String before;
    private final String overrideBefore;
    private boolean changed;

    private KernelDriver(SystemFiles files, PciCard card) {
        this.files = files;
        this.card = card;
        this.folder = PciCards.DEVICES + card.address();
        this.before = current();
        String override = files.line(folder + "/driver_override");
        this.overrideBefore = override.equals("(null)") ? "" : override;
    }

    /// Takes a card from its driver, so that none has it.
    static KernelDriver takeAway(SystemFiles files, PciCard card) {
        KernelDriver driver = new KernelDriver(files, card);
        driver.replaceBy(NOBODY);
        return driver;
    }

    /// Gives a card to `vfio-pci`, unless it has it already.
    static KernelDriver giveToVfio(SystemFiles files, PciCard card) {
        KernelDriver driver = new KernelDriver(files, card);
        if (!driver.before.equals(VFIO)) {
            VfioModule.load(files, card);
            driver.replaceBy(VFIO);
            if (!driver.current().equals(VFIO)) {
                driver.giveBack();
                throw new DeviceException(
                        "%s: the kernel did not give it to vfio-pci. Its log may say why: sudo dmesg | tail"
                                .formatted(card.address()));
            }
        }
        return driver;
    }

    /// Gives the card back to the driver that had it, or to none if none had it. Doing so twice does nothing, nor
    /// does it for a card that has been removed.
    void giveBack() {
        if (changed) {
            changed = false;
            try {
                restore();
            } catch (LinuxException e) {
                if (hasCard()) {
                    throw e;
                }
            }
            Supervisor.forget(files.absolute(folder));
        }
    }

    /// Whether the card is still there.
    boolean hasCard() {
        return files.exists(folder);
    }

    private void restore() {
        unbind();
        files.write(folder + "/driver_override", overrideBefore + "\n");
        if (!before.isEmpty()) {
            files.write(bindFile(), card.address());
        }
    }

    private void replaceBy(String name) {
        String bind = before.isEmpty() ? "" : files.absolute(bindFile());
        Supervisor.watch(files.absolute(folder), name, overrideBefore, bind);
        try {
            files.write(folder + "/driver_override", name + "\n");
            changed = true;
            unbind();
            files.write("sys/bus/pci/drivers_probe", card.address());
        } catch (LinuxException e) {
            if (changed) {
                giveBack();
            } else {
                Supervisor.forget(files.absolute(folder));
            }
            throw e.errno() == Errno.EACCES ? new DeviceException(howToDoItAsRoot(name), e) : e;
        }
    }

    private void unbind() {
        if (!current().isEmpty()) {
            files.write(folder + "/driver/unbind", card.address());
        }
    }

    private String bindFile() {
        return "sys/bus/pci/drivers/%s/bind".formatted(before);
    }

    private String current() {
        return files.linkName(folder + "/driver");
    }

    private String howToDoItAsRoot(String name) {
        String address = card.address();
        if (name.equals(NOBODY)) {
            return "%s has no IOMMU, and without one only root can use it. Run it as root".formatted(address);
        }
        String unbind = before.isEmpty() ? "" : "echo %s > /%s/driver/unbind; ".formatted(address, folder);
        return ("%s is %s, and only root can give it to vfio-pci. Run it as root, or do this once as root: modprobe"
                        + " vfio-pci; echo vfio-pci > /%s/driver_override; %secho %s > /sys/bus/pci/drivers_probe;"
                        + " chown USER /dev/vfio/%s")
                .formatted(
                        address,
                        before.isEmpty() ? "bound to no driver" : "bound to " + before,
                        folder,
                        unbind,
                        address,
                        card.iommuGroup());
    }
}
