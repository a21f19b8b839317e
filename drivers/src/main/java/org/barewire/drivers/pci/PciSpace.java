package org.barewire.drivers.pci;

/// What of a device can be read and written, by byte offset.
///
/// Each call is exactly one access of the device, of just that width, in program order. Values are in the
/// device's own byte order, little endian; offsets are multiples of the width. A device that is gone reads as
/// all ones.
public abstract class PciSpace {
    public abstract int read8(int offset);

    public abstract int read16(int offset);

    public abstract int read32(int offset);

    public abstract void write8(int offset, int value);

    public abstract void write16(int offset, int value);

    public abstract void write32(int offset, int value);
}
