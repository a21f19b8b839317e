package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Numa;
import org.barewire.core.packet.PacketPool;

/// Finds what is on another NUMA node than the card that it serves, where each access takes longer.
///
/// @param nodeOfCpu  the node of a CPU, or {@link Numa#NO_NODE}
/// @param cpusOfNode the CPUs of a node, in the kernel's list format
record Distances(IntUnaryOperator nodeOfCpu, IntFunction<String> cpusOfNode) {
    /// Where a card is.
    ///
    /// @param node or {@link Numa#NO_NODE}
    record Place(String card, int node) {
        static Place of(NetDevice device) {
            return new Place(device.name(), device.numaNode());
        }
    }

    /// Those of this machine.
    static Distances here() {
        return new Distances(Numa::nodeOfCpu, Numa::cpuList);
    }

    /// A sentence for each CPU that is near to none of the cards that its thread serves.
    List<String> ofThreads(List<Place> places, List<Integer> cpus) {
        List<Place> known =
                places.stream().filter(place -> place.node() != Numa.NO_NODE).toList();
        List<String> sentences = new ArrayList<>();
        for (int cpu : cpus.stream().distinct().toList()) {
            int node = nodeOfCpu.applyAsInt(cpu);
            if (node != Numa.NO_NODE && !known.isEmpty() && known.stream().noneMatch(place -> place.node() == node)) {
                Place place = known.getFirst();
                sentences.add(
                        "%s is on NUMA node %d, but CPU %d, which handles its packets, is on node %d: start with taskset -c %s"
                                .formatted(place.card(), place.node(), cpu, node, cpusOfNode.apply(place.node())));
            }
        }
        return sentences;
    }

    /// A sentence if a card receives into memory of another node.
    static Optional<String> ofMemory(NetDevice device, PacketPool pool) {
        return ofMemory(Place.of(device), Numa.nodeOfAddress(pool.region().address()));
    }

    /// @param node that the memory is on, or {@link Numa#NO_NODE}
    static Optional<String> ofMemory(Place place, int node) {
        if (place.node() == Numa.NO_NODE || node == Numa.NO_NODE || node == place.node()) {
            return Optional.empty();
        }
        return Optional.of("%s is on NUMA node %d, but its packets are in memory of node %d: free some with "
                        .formatted(place.card(), place.node(), node)
                + "echo 512 | sudo tee /sys/devices/system/node/node%d/hugepages/hugepages-2048kB/nr_hugepages"
                        .formatted(place.node()));
    }
}
