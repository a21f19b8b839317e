package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
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
    public static final int MFD_HUGETLB = 4;
    /// 2 MiB pages, whatever the default huge page size is.
    public static final int MFD_HUGE_2MB = 21 << 26;

    // numbers of system calls (arch/x86/entry/syscalls/syscall_64.tbl), and include/uapi/linux/mempolicy.h
    private static final long SET_MEMPOLICY = 238;
    private static final long GET_MEMPOLICY = 239;
    private static final int MPOL_PREFERRED = 1;
    private static final int MPOL_BIND = 2;
    private static final int MPOL_F_NODE = 1;
    private static final int MPOL_F_ADDR = 2;
    private static final int MAX_NODES = Long.SIZE;
    private static final int KERNEL_NODES = 1024; // the most that a kernel is built for (CONFIG_NODES_SHIFT)

    private static final MethodHandle MMAP = Native.function(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            Native.function("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MEMFD_CREATE =
            Native.function("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

    /// `set_mempolicy(2)` and `get_mempolicy(2)` through `syscall(2)`: glibc has no function for them.
    private static final MethodHandle SET_POLICY =
            Native.function("syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));

    private static final MethodHandle GET_POLICY = Native.function(
            "syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));

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

    /// Creates a file in memory and returns its descriptor. The name is for people (`/proc/self/fd`).
    public static int memfd(String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) MEMFD_CREATE.invokeExact(Native.state(), arena.allocateFrom(name), flags | MFD_CLOEXEC);
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

    /// Runs something on this thread while the pages that the kernel finds for it come from one NUMA node.
    ///
    /// The thread has that policy, not the mapping: what `fallocate(2)` takes for a file of huge pages goes by the
    /// thread's alone (fs/hugetlbfs/inode.c, `hugetlbfs_fallocate`).
    ///
    /// @param node  0 to 63
    /// @param alone fail where the node has too few pages, rather than take those of other nodes
    public static void onNode(int node, boolean alone, Runnable allocation) {
        if (node < 0 || node >= MAX_NODES) {
            throw new IllegalArgumentException("NUMA node %d: 0 to %d can be bound to".formatted(node, MAX_NODES - 1));
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mode = arena.allocate(JAVA_INT);
            MemorySegment nodes = arena.allocate(KERNEL_NODES / Byte.SIZE);
            getPolicy(mode, nodes, KERNEL_NODES + 1, 0, 0);
            setPolicy(alone ? MPOL_BIND : MPOL_PREFERRED, arena.allocateFrom(JAVA_LONG, 1L << node), MAX_NODES + 1);
            try {
                allocation.run();
            } finally {
                setPolicy(mode.get(JAVA_INT, 0), nodes, KERNEL_NODES + 1);
            }
        }
    }

    /// The NUMA node that the page at an address is on; the page is touched if it has not been.
    public static int nodeOf(long address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment node = arena.allocate(JAVA_INT);
            getPolicy(node, MemorySegment.NULL, 0, address, MPOL_F_NODE | MPOL_F_ADDR);
            return node.get(JAVA_INT, 0);
        }
    }

    // both count one node more than there are bits (mm/mempolicy.c, get_nodes and copy_nodes_to_user)

    private static void setPolicy(int mode, MemorySegment nodes, long maxNode) {
        long result;
        try {
            result = (long) SET_POLICY.invokeExact(Native.state(), SET_MEMPOLICY, (long) mode, nodes, maxNode);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("have memory come from a NUMA node");
        }
    }

    private static void getPolicy(MemorySegment mode, MemorySegment nodes, long maxNode, long address, long flags) {
        long result;
        try {
            result = (long) GET_POLICY.invokeExact(Native.state(), GET_MEMPOLICY, mode, nodes, maxNode, address, flags);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("ask which NUMA node memory comes from");
        }
    }
}
