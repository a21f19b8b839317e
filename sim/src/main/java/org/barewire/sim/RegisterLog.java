package org.barewire.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import org.barewire.core.memory.Registers;
import org.jspecify.annotations.Nullable;

/// Writes down every access to a model's registers, one a line: `R` or `W`, address, value, name.
///
/// Whoever accesses registers is not bothered when the log can't be written; {@link #flush} tells.
public final class RegisterLog extends Registers implements AutoCloseable {
    private final Registers registers;
    private final Writer out; // guarded by this
    private @Nullable IOException failure; // guarded by this; nothing is written after it

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

    /// Lets others see what has been written so far. Any thread may call.
    ///
    /// @throws IOException if something could not be written, now or before
    public synchronized void flush() throws IOException {
        if (failure != null) {
            throw failure;
        }
        out.flush();
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
        if (failure != null) {
            return;
        }
        String name = RegisterTable.kind(offset) == RegisterKind.UNDEFINED ? "?" : RegisterTable.name(offset);
        try {
            out.write("%c %05x %08x %s%n".formatted(kind, offset, value, name));
        } catch (IOException e) {
            failure = e;
        }
    }
}
