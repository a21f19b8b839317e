package org.barewire.drivers.memif;

import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;

/// Memory for a connection's rings, and the buffers of a client that copies: zeroed, in a file of its own.
///
/// @param fd      stays this object's
/// @param address where it is mapped
/// @param length  bytes
record RingMemory(int fd, long address, long length) implements AutoCloseable {
    private static final long PAGE = 4096;

    static RingMemory create(long bytes) {
        long length = (bytes + PAGE - 1) & -PAGE;
        int fd = Mman.memfd("barewire-memif", 0);
        try {
            Fd.truncate(fd, length);
            Fd.fixLength(fd);
            int flags = Mman.MAP_SHARED | Mman.MAP_POPULATE;
            long address = Mman.map(0, length, Mman.PROT_READ | Mman.PROT_WRITE, flags, fd, 0);
            return new RingMemory(fd, address, length);
        } catch (RuntimeException e) {
            Fd.close(fd);
            throw e;
        }
    }

    @Override
    public void close() {
        Mman.unmap(address, length);
        Fd.close(fd);
    }
}
