package org.barewire.sim;

import org.barewire.core.linux.Mman;

/// Memory outside of the heap that is this process's alone: what a device has inside, frames under way.
final class OwnMemory {
    private OwnMemory() {}

    /// Zeroed memory, of whole pages; for {@link Mman#unmap} to give back.
    static long map(long bytes) {
        int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
        return Mman.map(0, bytes, Mman.PROT_READ | Mman.PROT_WRITE, flags, -1, 0);
    }
}
