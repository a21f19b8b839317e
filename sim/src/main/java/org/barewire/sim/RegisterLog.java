package org.barewire.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import org.barewire.core.memory.Registers;

/// Writes down every access to a model's registers, one a line: `R` or `W`, address, value, name.
public final class RegisterLog extends Registers implements AutoCloseable {
    private final Registers registers;
    private final Writer out; // guarded by this

    /// @param out is closed with the log; better buffered
    public RegisterLog(Registers registers, Writer out) {
        this.registers = registers;
        this.out = out;
    }

    @Override
    public synchronized int read32(int offset) {
        int value = registers.read32(offset);
        write('R', offset, value);
        return value;
    }

    @Override
    public synchronized void write32(int offset, int value) {
        write('W', offset, value);
        registers.write32(offset, value);
    }

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the register log could not be written: is the disk full?", e);
        }
    }

    private void write(char kind, int offset, int value) {
        String name = RegisterTable.kind(offset) == RegisterKind.UNDEFINED ? "?" : RegisterTable.name(offset);
        try {
            out.write("%c %05x %08x %s%n".formatted(kind, offset, value, name));
        } catch (IOException e) {
            throw new UncheckedIOException("the register log could not be written: is the disk full?", e);
        }
    }
}
