package org.barewire.core.memory;

import java.lang.invoke.VarHandle;

/// Registers that are mapped into the process: a PCI BAR, or plain memory that plays one.
///
/// A write is a plain aligned store between two release fences. The fences keep the compiler from dropping,
/// merging or moving it and, on x86, cost nothing; a release, opaque or volatile store would reach the device
/// as a read and then a write whenever the interpreter executes it.
public final class MappedRegisters extends Registers {
    private final long base;
    private final int length;
    private final int strayBits; // of an offset: beyond the end, or not a multiple of 4

    /// Registers in the `length` bytes at `base`, which stay mapped for as long as this object is used.
    ///
    /// @param length a power of two, as every BAR's is
    public MappedRegisters(long base, int length) {
        if (length < 4 || Integer.bitCount(length) != 1) {
            throw new IllegalArgumentException("%d bytes of registers: a power of two is needed".formatted(length));
        }
        this.base = base;
        this.length = length;
        this.strayBits = -length | 3;
    }

    @Override
    public int read32(int offset) {
        return Memory.getIntAcquire(address(offset));
    }

    @Override
    public void write32(int offset, int value) {
        VarHandle.releaseFence();
        Memory.putInt(address(offset), value);
        VarHandle.releaseFence();
    }

    private long address(int offset) {
        if ((offset & strayBits) != 0) {
            throw stray(offset);
        }
        return base + offset;
    }

    private IndexOutOfBoundsException stray(int offset) {
        return new IndexOutOfBoundsException(
                "register 0x%x is not one of the device's 0x%x bytes of registers".formatted(offset, length));
    }
}
