package org.barewire.drivers.pci;

import org.barewire.core.device.DeviceException;
import org.barewire.drivers.Steps;
import org.jspecify.annotations.Nullable;

/// A device that the kernel gives access to, one way or another: what the ways have in common.
abstract class KernelDevice implements PciDevice {
    private static final int BARS = 6;

    private final PciCard card;
    private final KernelDriver driver;
    private final @Nullable PciBar[] bars = new @Nullable PciBar[BARS];
    private boolean closed;

    KernelDevice(PciCard card, KernelDriver driver) {
        this.card = card;
        this.driver = driver;
    }

    @Override
    public final String address() {
        return card.address();
    }

    @Override
    public final PciId id() {
        return card.knownId();
    }

    @Override
    public final int numaNode() {
        return card.numaNode();
    }

    @Override
    public final boolean isPresent() {
        return driver.hasCard();
    }

    @Override
    public final synchronized PciBar bar(int index) {
        if (closed) {
            throw new DeviceException(address() + " is closed");
        }
        PciBar bar = bars[index];
        if (bar == null) {
            bar = openBar(index);
            bars[index] = bar;
        }
        return bar;
    }

    @Override
    public final void setBusMaster(boolean on) {
        int command = config().read16(PciConfig.COMMAND);
        int wanted = on ? command | PciConfig.COMMAND_BUS_MASTER : command & ~PciConfig.COMMAND_BUS_MASTER;
        if (command == 0xFFFF) {
            if (on) {
                throw new DeviceException(address() + " does not answer: it was removed, or has no power");
            }
            return;
        }
        config().write16(PciConfig.COMMAND, wanted);
    }

    @Override
    public final void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        Steps steps = new Steps();
        steps.take(() -> setBusMaster(false));
        for (PciBar bar : bars) {
            if (bar instanceof MappedBar mapped) {
                steps.take(mapped::unmap);
            }
        }
        release(steps);
        steps.take(driver::giveBack);
        steps.end();
    }

    /// Base address register `index`; asked for once.
    abstract PciBar openBar(int index);

    /// Closes everything else that is open.
    abstract void release(Steps steps);

    final DeviceException noBar(int index) {
        return new DeviceException("%s has no base address register %d".formatted(address(), index));
    }
}
