package org.barewire.core.device;

import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;

/// Counters that one data-plane thread writes and any thread or process reads: lines of 16 `long`s in shared
/// memory, no cache line shared between two, so that writers never disturb one another.
///
/// A writer adds with plain stores; aligned 64-bit stores are atomic, so a reader sees an old or a new value,
/// never half of one. Lines start at zero.
public final class Counters {
    /// Bytes in a line: two cache lines, because the adjacent one is prefetched.
    public static final int LINE = 128;

    private static final int LINES = 4096;
    private static final long BASE = map();
    private static final java.util.BitSet USED = new java.util.BitSet(); // guarded by the class

    private Counters() {}

    /// A line of zeros for one writer.
    ///
    /// @throws IllegalStateException if all 4096 lines are in use
    public static synchronized long allocate() {
        int line = USED.nextClearBit(0);
        if (line >= LINES) {
            throw new IllegalStateException("all %d lines of counters are in use".formatted(LINES));
        }
        USED.set(line);
        long address = BASE + (long) line * LINE;
        Memory.fill(address, LINE, (byte) 0);
        return address;
    }

    /// Gives a line back that nobody writes any more.
    public static synchronized void free(long line) {
        USED.clear((int) ((line - BASE) / LINE));
    }

    /// Adds to counter `index` (0 to 15) of a line. For the line's one writer.
    public static void add(long line, int index, long amount) {
        long address = line + 8L * index;
        Memory.putLong(address, Memory.getLong(address) + amount);
    }

    /// Reads counter `index` of a line, from any thread.
    public static long get(long line, int index) {
        return Memory.getLongAcquire(line + 8L * index);
    }

    private static long map() {
        int fd = Mman.memfd("barewire-counters", 0);
        Fd.truncate(fd, (long) LINES * LINE);
        return Mman.map(0, (long) LINES * LINE, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED, fd, 0);
    }
}
