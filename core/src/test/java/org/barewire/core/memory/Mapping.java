package org.barewire.core.memory;

import static org.barewire.core.linux.Mman.MAP_ANONYMOUS;
import static org.barewire.core.linux.Mman.MAP_PRIVATE;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import org.barewire.core.linux.Mman;

/// A page of memory for a test.
record Mapping(long address) implements AutoCloseable {
    static final int BYTES = 4096;

    Mapping() {
        this(Mman.map(0, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    }

    long end() {
        return address + BYTES;
    }

    @Override
    public void close() {
        Mman.unmap(address, BYTES);
    }
}
