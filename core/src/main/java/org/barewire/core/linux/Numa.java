package org.barewire.core.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

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
