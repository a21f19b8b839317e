package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Physical addresses (`Documentation/admin-guide/mm/pagemap.rst`).
public final class Pagemap {
    private static final long PAGE = 4096;
    private static final long PRESENT = 1L << 63;
    private static final long FRAME = (1L << 55) - 1;

    private Pagemap() {}

    /// The physical address of a byte that is mapped, touched and locked.
    ///
    /// @throws LinuxException if the process lacks CAP_SYS_ADMIN, for which the kernel hides physical
    ///     addresses
    public static long physicalAddress(long address) {
        int fd = Fd.open("/proc/self/pagemap", Fd.O_RDONLY);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(JAVA_LONG);
            long read = Fd.read(fd, entry, address / PAGE * 8);
            long value = entry.get(JAVA_LONG, 0);
            if (read != 8 || (value & PRESENT) == 0) {
                throw new LinuxException("find the physical address of 0x%x".formatted(address), Errno.EFAULT);
            }
            if ((value & FRAME) == 0) {
                throw new LinuxException(
                        "find the physical address of 0x%x".formatted(address),
                        Errno.EPERM,
                        "The kernel shows physical addresses only to a process with CAP_SYS_ADMIN: run it as root");
            }
            return (value & FRAME) * PAGE + address % PAGE;
        } finally {
            Fd.close(fd);
        }
    }
}
