package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The NUMA nodes that the kernel takes this thread's pages from, for a while: `set_mempolicy(2)`.
///
/// The thread has it, not a mapping: what `fallocate(2)` takes for a file of huge pages goes by the thread's policy
/// alone (fs/hugetlbfs/inode.c, `hugetlbfs_fallocate`).
final class MemoryPolicy implements AutoCloseable {
    /// How many nodes can be named here: 0 to 63.
    static final int MAX_NODES = Long.SIZE;

    // numbers of system calls (arch/x86/entry/syscalls/syscall_64.tbl), and include/uapi/linux/mempolicy.h
    private static final long SET_MEMPOLICY = 238;
    private static final long GET_MEMPOLICY = 239;
    private static final int MPOL_PREFERRED = 1;
    private static final int MPOL_BIND = 2;
    private static final int MPOL_F_NODE = 1;
    private static final int MPOL_F_ADDR = 2;
    private static final int KERNEL_NODES = 1024; // the most that a kernel is built for (CONFIG_NODES_SHIFT)

    // both through syscall(2): glibc has no function for them
    private static final MethodHandle SET_POLICY =
            Native.function("syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));
    private static final MethodHandle GET_POLICY = Native.function(
            "syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment modeBefore = arena.allocate(JAVA_INT);
    private final MemorySegment nodesBefore = arena.allocate(KERNEL_NODES / Byte.SIZE);

    private MemoryPolicy() {}

    /// Takes pages from one node until it is closed.
    ///
    /// @param node  0 to 63
    /// @param alone fail where the node has too few, rather than take those of other nodes
    /// @throws LinuxException if there is no such node or the process may not choose: a container may forbid it
    static MemoryPolicy take(int node, boolean alone) {
        MemoryPolicy policy = new MemoryPolicy();
        try {
            get(policy.modeBefore, policy.nodesBefore, KERNEL_NODES + 1, 0, 0);
            MemorySegment wanted = policy.arena.allocateFrom(JAVA_LONG, 1L << node);
            set(alone ? MPOL_BIND : MPOL_PREFERRED, wanted, MAX_NODES + 1, "take memory of NUMA node " + node);
            return policy;
        } catch (LinuxException e) {
            policy.arena.close();
            throw e;
        }
    }

    /// The node that the page at an address is on.
    static int nodeOf(long address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment node = arena.allocate(JAVA_INT);
            get(node, MemorySegment.NULL, 0, address, MPOL_F_NODE | MPOL_F_ADDR);
            return node.get(JAVA_INT, 0);
        }
    }

    /// Goes back to what was before.
    @Override
    public void close() {
        try (arena) {
            set(modeBefore.get(JAVA_INT, 0), nodesBefore, KERNEL_NODES + 1, "take memory of any NUMA node again");
        }
    }

    // both count one node more than there are bits (mm/mempolicy.c, get_nodes and copy_nodes_to_user)

    private static void set(int mode, MemorySegment nodes, long maxNode, String what) {
        long result;
        try {
            result = (long) SET_POLICY.invokeExact(Native.state(), SET_MEMPOLICY, (long) mode, nodes, maxNode);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure(what);
        }
    }

    private static void get(MemorySegment mode, MemorySegment nodes, long maxNode, long address, long flags) {
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
