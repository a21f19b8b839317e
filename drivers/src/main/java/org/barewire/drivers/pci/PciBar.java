package org.barewire.drivers.pci;

import org.barewire.core.memory.Registers;

/// What lies behind a base address register: memory that is mapped, I/O ports, or a server's answers.
///
/// Each call is exactly one access of the device, of just that width, in program order; see {@link Registers}.
/// Values are in the device's own byte order, little endian; offsets are multiples of the width. A device that
/// is gone reads as all ones.
public abstract class PciBar {
    /// Bytes.
    public abstract long size();

    /// Its 32-bit registers: the fastest way to them, and the one for the data path.
    public abstract Registers registers();

    public abstract int read8(int offset);

    public abstract int read16(int offset);

    public abstract int read32(int offset);

    public abstract void write8(int offset, int value);

    public abstract void write16(int offset, int value);

    public abstract void write32(int offset, int value);
}
