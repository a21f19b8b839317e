package org.barewire.drivers.pci;

import org.barewire.core.linux.EventFd;

/// The interrupts of a device, an event counter for each vector.
public interface Interrupts extends AutoCloseable {
    /// How a device interrupts.
    enum Kind {
        MSIX,
        MSI,
        /// One line, which the kernel masks when it is raised, until {@link Interrupts#unmask}.
        INTX
    }

    Kind kind();

    int vectors();

    /// What vector `vector`, from 0, signals. It stays this object's.
    EventFd event(int vector);

    /// Lets an INTx interrupt happen again, after its cause has been cleared in the device; nothing for the
    /// others.
    void unmask();

    /// The device can't interrupt any more.
    @Override
    void close();
}
