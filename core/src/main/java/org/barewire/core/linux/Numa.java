package org.barewire.core.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// NUMA topology as sysfs shows it (`Documentation/ABI/stable/sysfs-devices-node`).
public final class Numa {
    /// What sysfs says of a device that belongs to no node, and of every device on a machine with one node.
    public static final int NO_NODE = -1;

    private static final Path NODES = Path.of("/sys/devices/system/node");

    private Numa() {}

    /// The node of a PCI device, or {@link #NO_NODE}.
    ///
    /// @param pciAddress as in `0000:03:00.0`
    public static int nodeOfDevice(String pciAddress) {
        try {
            return Integer.parseInt(Files.readString(Path.of("/sys/bus/pci/devices", pciAddress, "numa_node"))
                    .strip());
        } catch (IOException | NumberFormatException e) {
            return NO_NODE;
        }
    }

    /// The CPUs of a node; empty for {@link #NO_NODE} and for nodes that don't exist.
    public static BitSet cpusOfNode(int node) {
        return parseList(cpuList(node));
    }

    /// The CPUs of a node in the kernel's list format, as in `0-3,8`; empty as above.
    public static String cpuList(int node) {
        try {
            return Files.readString(NODES.resolve("node" + node).resolve("cpulist"))
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }

    /// The node of a CPU, or {@link #NO_NODE}.
    public static int nodeOfCpu(int cpu) {
        for (int node = 0; Files.isDirectory(NODES.resolve("node" + node)); node++) {
            if (cpusOfNode(node).get(cpu)) {
                return node;
            }
        }
        return NO_NODE;
    }

    /// The node that the page at an address is on, or {@link #NO_NODE} where the process may not ask.
    public static int nodeOfAddress(long address) {
        try {
            return MemoryPolicy.nodeOf(address);
        } catch (LinuxException e) {
            return NO_NODE;
        }
    }

    /// Runs something on this thread while the pages that the kernel finds for it come from one node.
    ///
    /// @param node 0 to 63
    /// @throws LinuxException if there is no such node; the allocation fails where the node has too few pages
    @SuppressWarnings("try") // the policy is there for as long as the block runs
    public static void allocateOn(int node, Runnable allocation) {
        if (node < 0 || node >= MemoryPolicy.MAX_NODES) {
            throw new IllegalArgumentException(
                    "NUMA node %d: 0 to %d can be bound to".formatted(node, MemoryPolicy.MAX_NODES - 1));
        }
        try (MemoryPolicy policy = MemoryPolicy.take(node, true)) {
            allocation.run();
        }
    }

    /// Likewise as long as the node has some: else they come from any, and also where the process may not choose.
    ///
    /// @param node or {@link #NO_NODE}
    @SuppressWarnings("try") // likewise
    public static void allocatePreferably(int node, Runnable allocation) {
        try (MemoryPolicy policy = preference(node)) {
            allocation.run();
        }
    }

    private static @Nullable MemoryPolicy preference(int node) {
        if (node < 0 || node >= MemoryPolicy.MAX_NODES) {
            return null;
        }
        try {
            return MemoryPolicy.take(node, false);
        } catch (LinuxException e) {
            return null; // without memory, or out of the process's reach
        }
    }

    /// Reads the kernel's list format, as in `0-3,8`.
    public static BitSet parseList(String list) {
        BitSet set = new BitSet();
        if (list.isEmpty()) {
            return set;
        }
        for (String range : list.split(",", -1)) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            set.set(first, last + 1);
        }
        return set;
    }
}
