package org.barewire.drivers.pci;

import org.barewire.core.memory.Registers;

/// What lies behind a base address register: memory that is mapped, I/O ports, or a server's answers.
public abstract class PciBar extends PciSpace {
    /// Bytes.
    public abstract long size();

    /// Its 32-bit registers: the fastest way to them, and the one for the data path.
    public Registers registers() {
        return new Registers() {
            @Override
            public int read32(int offset) {
                return PciBar.this.read32(offset);
            }

            @Override
            public void write32(int offset, int value) {
                PciBar.this.write32(offset, value);
            }
        };
    }
}
