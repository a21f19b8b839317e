package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.barewire.cli.Distances.Place;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.Test;

class DistancesTest {
    private static final Distances MACHINE =
            new Distances(cpu -> cpu / 4, node -> "%d-%d".formatted(4 * node, 4 * node + 3));

    private static BitSet set(int... cpus) {
        BitSet set = new BitSet();
        for (int cpu : cpus) {
            set.set(cpu);
        }
        return set;
    }

    @Test
    void cpusThatAreNearComeFirst() {
        Cpus cpus = Cpus.of(set(0, 1, 4, 5), set(4, 5, 6));
        assertThat(List.of(cpus.cpu(0), cpus.cpu(1), cpus.cpu(2), cpus.cpu(3), cpus.cpu(4)))
                .containsExactly(4, 5, 0, 1, 4);
        assertThat(Cpus.of(set(2, 3), set()).cpu(1)).isEqualTo(3);
    }

    private static Place place(String card, int node) {
        return new Place(card, node);
    }

    @Test
    void aCardOfNoNodeIsNearToEverything() {
        Place place = place("sim:a", Numa.NO_NODE);
        assertThat(MACHINE.ofThreads(List.of(place), List.of(0, 7))).isEmpty();
        assertThat(Distances.ofMemory(place, 1)).isEmpty();
    }

    @Test
    void whatIsOnTheSameNodeIsNotWorthAWord() {
        assertThat(MACHINE.ofThreads(List.of(place("0000:81:00.0", 1)), List.of(4, 7)))
                .isEmpty();
        assertThat(Distances.ofMemory(place("0000:81:00.0", 1), 1)).isEmpty();
    }

    @Test
    void aThreadOnAnotherNodeIsToldOnce() {
        assertThat(MACHINE.ofThreads(List.of(place("null:", Numa.NO_NODE), place("0000:81:00.0", 1)), List.of(4, 2, 2)))
                .containsExactly("0000:81:00.0 is on NUMA node 1, but CPU 2, which handles its packets, is on node 0: "
                        + "start with taskset -c 4-7");
    }

    @Test
    void aThreadBetweenTwoNodesIsNearToOneOfThem() {
        List<Place> apart = List.of(place("0000:03:00.0", 0), place("0000:81:00.0", 1));
        assertThat(MACHINE.ofThreads(apart, List.of(0, 4))).isEmpty();
        assertThat(MACHINE.ofThreads(apart, List.of(8))).hasSize(1);
    }

    @Test
    void memoryOnAnotherNodeIsTold() {
        assertThat(Distances.ofMemory(place("0000:81:00.0", 1), 0))
                .hasValue("0000:81:00.0 is on NUMA node 1, but its packets are in memory of node 0: free some with "
                        + "echo 512 | sudo tee /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages");
    }

    @Test
    void memoryIsWhereItIsWantedOrElsewhere() {
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE)) {
            assertThat(Numa.nodeOfAddress(memory.add(1, 0).address())).isZero();
            assertThat(memory.add(1, 63).length()).isEqualTo(PacketMemory.GRAIN);
            assertThat(memory.add(1, 64).length()).isEqualTo(PacketMemory.GRAIN);
        }
    }
}
