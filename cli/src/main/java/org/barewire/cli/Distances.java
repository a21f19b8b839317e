package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Numa;

/// Finds what is on another NUMA node than the device that it serves, where each access takes longer.
///
/// @param nodeOfCpu  the node of a CPU, or {@link Numa#NO_NODE}
/// @param cpusOfNode the CPUs of a node, in the kernel's list format
record Distances(IntUnaryOperator nodeOfCpu, IntFunction<String> cpusOfNode) {
    /// Those of this machine.
    static Distances here() {
        return new Distances(Numa::nodeOfCpu, Numa::cpuList);
    }

    /// A sentence for each thread's CPU and each pool that is not on a device's node; none for devices that have none.
    ///
    /// @param cpus of the threads that serve the device
    List<String> warnings(NetDevice device, List<Integer> cpus) {
        int node = device.numaNode();
        if (node == Numa.NO_NODE) {
            return List.of();
        }
        int memory = device.rxQueues() == 0
                ? node
                : Mman.nodeOf(device.rx(0).pool().region().address());
        return warnings(device.name(), node, memory, cpus);
    }

    /// @param memory the node of its packets
    List<String> warnings(String device, int node, int memory, List<Integer> cpus) {
        List<String> warnings = new ArrayList<>();
        for (int cpu : cpus) {
            int other = nodeOfCpu.applyAsInt(cpu);
            if (other != Numa.NO_NODE && other != node) {
                warnings.add(
                        "%s is on NUMA node %d, but CPU %d, which handles its packets, is on node %d: start with taskset -c %s"
                                .formatted(device, node, cpu, other, cpusOfNode.apply(node)));
            }
        }
        if (memory != node) {
            warnings.add("%s is on NUMA node %d, but its packets are in memory of node %d: free some with "
                            .formatted(device, node, memory)
                    + "echo 512 | sudo tee /sys/devices/system/node/node%d/hugepages/hugepages-2048kB/nr_hugepages"
                            .formatted(node));
        }
        return warnings;
    }
}
