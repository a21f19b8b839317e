package org.barewire.core.memory;

import java.util.function.BooleanSupplier;

/// The 32-bit registers of a device, by byte offset.
///
/// Mapped memory for a real device ({@link MappedRegisters}), a call into the model for a simulated one, a
/// message for a remote one. Each call is exactly one access of the device, in program order: a read is never
/// repeated or dropped, a write never turned into a read and a write. An access from a second thread needs
/// the caller's own ordering.
public abstract class Registers {
    /// Reads the register at `offset`. On many devices a read has an effect (clears a counter or a cause).
    public abstract int read32(int offset);

    /// Writes the register at `offset`, after all earlier stores of this thread to memory that the device can
    /// read.
    public abstract void write32(int offset, int value);

    /// Reads, sets the bits of `mask`, writes.
    public final void set(int offset, int mask) {
        write32(offset, read32(offset) | mask);
    }

    /// Reads, clears the bits of `mask`, writes.
    public final void clear(int offset, int mask) {
        write32(offset, read32(offset) & ~mask);
    }

    /// Reads, replaces the bits of `mask` by those of `value`, writes.
    public final void replace(int offset, int mask, int value) {
        write32(offset, read32(offset) & ~mask | value & mask);
    }

    /// Polls until the bits of `mask` equal `value` or the time is up; says which.
    public final boolean await(int offset, int mask, int value, long timeoutNanos) {
        return await(() -> (read32(offset) & mask) == value, timeoutNanos);
    }

    /// Polls a condition until it holds or the time is up; says which. The condition is tested at least
    /// twice, so that a thread that loses its processor for longer than the timeout does not report a failure
    /// that isn't one.
    public static boolean await(BooleanSupplier condition, long timeoutNanos) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > timeoutNanos) {
                return condition.getAsBoolean();
            }
            Thread.onSpinWait();
        }
        return true;
    }
}
