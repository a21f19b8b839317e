package org.barewire.drivers.pci;

import java.util.List;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.DeviceFile;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.SystemFiles;
import org.barewire.core.linux.Vfio;
import org.barewire.core.memory.DmaMapper;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.jspecify.annotations.Nullable;

/// A device behind an IOMMU, by way of VFIO: it reaches the memory that is mapped for it, and nothing else.
final class VfioDevice extends KernelDevice {
    private final PciCard card;
    private final VfioContainer container;
    private final int fd;
    private final PciConfig config;
    private final EventFd request;
    private volatile boolean requested;
    private @Nullable VfioInterrupts interrupts; // guarded by this

    private VfioDevice(PciCard card, KernelDriver driver, VfioContainer container, int fd, EventFd request) {
        super(card, driver);
        this.card = card;
        this.container = container;
        this.fd = fd;
        this.request = request;
        Vfio.Region region = Vfio.region(fd, Vfio.CONFIG);
        this.config = new PciConfig(
                new FileBar(new DeviceFile(card.address() + "'s configuration", fd, region.start(), region.length())));
    }

    /// Takes a device from its kernel driver, and opens it.
    static VfioDevice open(SystemFiles files, PciCard card) {
        try (Undo undo = new Undo()) {
            KernelDriver driver = KernelDriver.giveToVfio(files, card);
            undo.add(driver::giveBack);
            VfioContainer container = VfioContainer.join(files, card);
            undo.add(() -> container.leave(card));
            int fd = container.openDevice(card);
            undo.add(() -> Fd.close(fd));
            EventFd request = EventFd.create();
            undo.add(request::close);
            Vfio.signal(fd, Vfio.REQUEST, List.of(request));
            VfioDevice device = new VfioDevice(card, driver, container, fd, request);
            device.setBusMaster(false);
            undo.forget();
            return device;
        }
    }

    @Override
    public PciConfig config() {
        return config;
    }

    @Override
    PciBar openBar(int index) {
        Vfio.Region region = Vfio.region(fd, index);
        if (region.length() == 0) {
            throw noBar(index);
        }
        return region.mappable()
                ? MappedBar.map(fd, region.start(), 0, region.length())
                : new FileBar(new DeviceFile(
                        "%s's base address register %d".formatted(address(), index),
                        fd,
                        region.start(),
                        region.length()));
    }

    @Override
    public DmaMapper dma() {
        return container;
    }

    @Override
    public boolean isTranslated() {
        return true;
    }

    @Override
    public int interruptVectors() {
        int msix = Vfio.interrupts(fd, Vfio.MSIX);
        return msix > 0 ? msix : Math.min(1, Vfio.interrupts(fd, Vfio.MSI) + Vfio.interrupts(fd, Vfio.INTX));
    }

    @Override
    public synchronized Interrupts interrupts(int vectors) {
        if (vectors < 1 || vectors > interruptVectors()) {
            throw new DeviceException("%s has %d interrupts, not %d".formatted(address(), interruptVectors(), vectors));
        }
        if (interrupts != null) {
            interrupts.close();
        }
        interrupts = VfioInterrupts.open(fd, kind(), vectors);
        return interrupts;
    }

    private Interrupts.Kind kind() {
        return Vfio.interrupts(fd, Vfio.MSIX) > 0
                ? Interrupts.Kind.MSIX
                : Vfio.interrupts(fd, Vfio.MSI) > 0 ? Interrupts.Kind.MSI : Interrupts.Kind.INTX;
    }

    @Override
    public void reset() {
        Vfio.reset(fd);
    }

    @Override
    public boolean isWantedBack() {
        if (request.drain()) {
            requested = true;
        }
        return requested;
    }

    @Override
    synchronized void release(Steps steps) {
        if (interrupts != null) {
            steps.take(interrupts::close);
        }
        steps.take(() -> Fd.close(fd));
        steps.take(request::close);
        steps.take(() -> container.leave(card));
    }
}
