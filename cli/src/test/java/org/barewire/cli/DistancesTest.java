package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Mman;
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

    @Test
    void aDeviceOfNoNodeIsNearToEverything() {
        try (NetDevice device = NetDevice.open("null:?source=64", DeviceConfig.standard())) {
            assertThat(device.numaNode()).isEqualTo(Numa.NO_NODE);
            assertThat(MACHINE.warnings(device, List.of(0, 7))).isEmpty();
        }
    }

    @Test
    void whatIsOnTheSameNodeIsNotWorthAWord() {
        assertThat(MACHINE.warnings("0000:81:00.0", 1, 1, List.of(4, 7))).isEmpty();
    }

    @Test
    void aThreadOnAnotherNodeIsTold() {
        assertThat(MACHINE.warnings("0000:81:00.0", 1, 1, List.of(4, 2)))
                .containsExactly("0000:81:00.0 is on NUMA node 1, but CPU 2, which handles its packets, is on node 0: "
                        + "start with taskset -c 4-7");
    }

    @Test
    void memoryOnAnotherNodeIsTold() {
        assertThat(MACHINE.warnings("0000:81:00.0", 1, 0, List.of(4)))
                .containsExactly(
                        "0000:81:00.0 is on NUMA node 1, but its packets are in memory of node 0: free some with "
                                + "echo 512 | sudo tee /sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages");
    }

    @Test
    void memoryKnowsItsNode() {
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE)) {
            memory.preferNode(0);
            assertThat(Mman.nodeOf(memory.add(1).address())).isZero();
        }
    }
}
