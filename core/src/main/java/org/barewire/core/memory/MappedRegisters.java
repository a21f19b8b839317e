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

    /// Registers in the `length` bytes at `base`, which stay mapped for as long as this object is used.
    public MappedRegisters(long base, int length) {
        this.base = base;
        this.length = length;
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
        if (offset < 0 || offset > length - 4 || (offset & 3) != 0) {
            throw new IndexOutOfBoundsException(
                    "register 0x%x is not one of the device's 0x%x bytes of registers".formatted(offset, length));
        }
        return base + offset;
    }
}
