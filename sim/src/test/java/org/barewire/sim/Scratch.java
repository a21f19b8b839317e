package org.barewire.sim;

import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;

/// Memory of exactly one mapping for tests to keep a frame in.
final class Scratch implements AutoCloseable {
    private static final int PAGES = 32 << 10;

    private final long start = OwnMemory.map(PAGES);

    long address() {
        return start;
    }

    /// Puts bytes where they end with the mapping, so that checked memory tells of a read beyond them.
    long putAtEnd(byte[] bytes) {
        long address = start + PAGES - bytes.length;
        Memory.copy(bytes, 0, address, bytes.length);
        return address;
    }

    static byte[] bytes(long address, int length) {
        byte[] bytes = new byte[length];
        Memory.copy(address, bytes, 0, length);
        return bytes;
    }

    @Override
    public void close() {
        Mman.unmap(start, PAGES);
    }
}
