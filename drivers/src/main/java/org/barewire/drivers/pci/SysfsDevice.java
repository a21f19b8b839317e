package org.barewire.drivers.pci;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.DeviceFile;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.memory.DmaMapper;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;

/// A device without an IOMMU, by way of sysfs: `config` and `resourceN`
/// (`Documentation/PCI/sysfs-pci.rst`). It reads and writes memory by physical addresses, all of the
/// machine's.
final class SysfsDevice extends KernelDevice {
    private static final int CONFIG_BYTES = 4096; // those that have less end earlier by themselves
    private static final int PAGE_MASK = 4095;

    /// Flags in `resource` (`include/linux/ioport.h`).
    private static final long IORESOURCE_IO = 0x100;

    private final SystemFiles files;
    private final String folder;
    private final int configFd;
    private final PciConfig config;
    private final DmaMapper dma = new PhysicalDma();
    private final List<Integer> barFds = new ArrayList<>(); // guarded by this

    private SysfsDevice(SystemFiles files, PciCard card, KernelDriver driver) {
        super(card, driver);
        this.files = files;
        this.folder = PciCards.DEVICES + card.address();
        this.configFd = Fd.open(files.absolute(folder + "/config"), Fd.O_RDWR);
        this.config =
                new PciConfig(new FileBar(new DeviceFile(address() + "'s configuration", configFd, 0, CONFIG_BYTES)));
    }

    /// Takes a device from its kernel driver, and switches it on.
    static SysfsDevice open(SystemFiles files, PciCard card) {
        KernelDriver driver = KernelDriver.takeAway(files, card);
        try (Undo undo = new Undo()) {
            undo.add(driver::giveBack);
            String enable = PciCards.DEVICES + card.address() + "/enable";
            files.write(enable, "1");
            undo.add(() -> files.write(enable, "0"));
            SysfsDevice device = new SysfsDevice(files, card, driver);
            undo.forget();
            return device;
        }
    }

    @Override
    public PciConfig config() {
        return config;
    }

    @Override
    synchronized PciBar openBar(int index) {
        String[] resource = resource(index);
        long first = Long.parseUnsignedLong(resource[0], 2, resource[0].length(), 16);
        long last = Long.parseUnsignedLong(resource[1], 2, resource[1].length(), 16);
        long flags = Long.parseUnsignedLong(resource[2], 2, resource[2].length(), 16);
        if (last <= first) {
            throw noBar(index);
        }
        int fd = Fd.open(files.absolute(folder + "/resource" + index), Fd.O_RDWR | Fd.O_SYNC);
        barFds.add(fd);
        long size = last - first + 1;
        return (flags & IORESOURCE_IO) != 0
                ? new FileBar(new DeviceFile("%s's ports".formatted(address()), fd, 0, size))
                : MappedBar.map(fd, 0, (int) (first & PAGE_MASK), size);
    }

    /// A line of `resource`: first and last address, and flags.
    private String[] resource(int index) {
        List<String> lines = files.lines(folder + "/resource");
        String[] line = index < lines.size() ? lines.get(index).split(" ", -1) : new String[0];
        if (line.length != 3) {
            throw noBar(index);
        }
        return line;
    }

    @Override
    public DmaMapper dma() {
        return dma;
    }

    /// None: without VFIO, interrupts go to the kernel only.
    @Override
    public int interruptVectors() {
        return 0;
    }

    @Override
    public Interrupts interrupts(int vectors) {
        throw new DeviceException("%s can't interrupt: that takes VFIO, and so an IOMMU".formatted(address()));
    }

    @Override
    public void reset() {
        if (!files.exists(folder + "/reset")) {
            throw new DeviceException("%s can't be reset: it has no function-level reset".formatted(address()));
        }
        files.write(folder + "/reset", "1");
    }

    @Override
    synchronized void release(Steps steps) {
        barFds.forEach(fd -> steps.take(() -> Fd.close(fd)));
        steps.take(() -> Fd.close(configFd));
        if (files.exists(folder)) { // not if the device was removed
            steps.take(() -> files.write(folder + "/enable", "0"));
        }
    }
}
