package org.barewire.drivers.virtio;

import org.barewire.core.memory.Registers;
import org.barewire.drivers.pci.PciBar;

/// What of a model can be read and written: by one method each, whatever the width.
abstract class ModelSpace extends PciBar {
    private static final int SIZE = 0x1000;

    abstract int read(int offset, int width);

    abstract void write(int offset, int width, int value);

    /// What a device that is gone reads as.
    static int ones(int width) {
        return -1 >>> 32 - 8 * width;
    }

    /// The little-endian number at an offset.
    static int number(byte[] bytes, int offset, int width) {
        int value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | bytes[offset + i] & 0xFF;
        }
        return value;
    }

    @Override
    public final long size() {
        return SIZE;
    }

    @Override
    public final Registers registers() {
        throw new AssertionError("registers are not all of 32 bits");
    }

    @Override
    public final int read8(int offset) {
        return read(offset, 1);
    }

    @Override
    public final int read16(int offset) {
        return read(offset, 2);
    }

    @Override
    public final int read32(int offset) {
        return read(offset, 4);
    }

    @Override
    public final void write8(int offset, int value) {
        write(offset, 1, value);
    }

    @Override
    public final void write16(int offset, int value) {
        write(offset, 2, value);
    }

    @Override
    public final void write32(int offset, int value) {
        write(offset, 4, value);
    }
}
