package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/// Memory mappings (`sys/mman.h`, `linux/memfd.h`, `linux/mempolicy.h`).
///
/// Each mapping is listed in {@link MappedRegions} while it exists, so that checked memory knows it. Any
/// thread may call; every failure throws {@link LinuxException}.
public final class Mman {
    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    /// Maps at exactly the given address, in place of what is there.
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    /// Takes no memory into account before it is touched.
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_LOCKED = 0x2000;
    public static final int MAP_POPULATE = 0x8000;
    /// Maps at exactly the given address, or fails with EEXIST if something is there (since Linux 4.17).
    public static final int MAP_FIXED_NOREPLACE = 0x100000;

    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int MFD_HUGETLB = 4;
    /// 2 MiB pages, whatever the default huge page size is.
    public static final int MFD_HUGE_2MB = 21 << 26;

    private static final int FLAGS = MFD_CLOEXEC | MFD_ALLOW_SEALING;

    private static final MethodHandle MMAP = Native.function(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            Native.function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MEMFD_CREATE =
            Native.function("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

    private Mman() {}

    /// Maps `length` bytes and returns their address.
    ///
    /// @param address where, or 0 to let the kernel choose
    /// @param fd an open file, or -1 with {@link #MAP_ANONYMOUS}
    public static long map(long address, long length, int protection, int flags, int fd, long offset) {
        long result = call(address, length, protection, flags, fd, offset);
        MappedRegions.add(result, length);
        return result;
    }

    /// Maps something else in place of a part of a mapping that {@link #map} has made. For checked memory the
    /// whole stays one mapping.
    ///
    /// @param address a multiple of the page size
    public static void replace(long address, long length, int protection, int flags, int fd, long offset) {
        call(address, length, protection, flags | MAP_FIXED, fd, offset);
    }

    private static long call(long address, long length, int protection, int flags, int fd, long offset) {
        long result;
        try {
            result = (long) MMAP.invokeExact(Native.state(), address, length, protection, flags, fd, offset);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result == -1) {
            throw Native.failure("map %d bytes at 0x%x".formatted(length, address));
        }
        return result;
    }

    /// Unmaps a whole mapping made by {@link #map}.
    public static void unmap(long address, long length) {
        MappedRegions.remove(address);
        int result;
        try {
            result = (int) MUNMAP.invokeExact(Native.state(), address, length);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("unmap %d bytes at 0x%x".formatted(length, address));
        }
    }

    /// Creates a file in memory and returns its descriptor. The name is for people (`/proc/self/fd`). Its
    /// length can be {@linkplain Fd#fixLength fixed}.
    public static int memfd(String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) MEMFD_CREATE.invokeExact(Native.state(), arena.allocateFrom(name), flags | FLAGS);
            if (fd < 0) {
                throw Native.failure("create memory file " + name);
            }
            return fd;
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
