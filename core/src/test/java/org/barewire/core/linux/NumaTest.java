package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumaTest {
    @Test
    void listsAreReadAsTheKernelWritesThem() {
        assertThat(Numa.parseList("").stream()).isEmpty();
        assertThat(Numa.parseList("5").stream()).containsExactly(5);
        assertThat(Numa.parseList("0-3,8").stream()).containsExactly(0, 1, 2, 3, 8);
        assertThat(Numa.parseList("0,2-2,64-66").stream()).containsExactly(0, 2, 64, 65, 66);
    }

    @Test
    void whatDoesNotExistBelongsToNoNode() {
        assertThat(Numa.nodeOfDevice("ffff:ff:1f.7")).isEqualTo(Numa.NO_NODE);
        assertThat(Numa.cpusOfNode(Numa.NO_NODE).stream()).isEmpty();
        assertThat(Numa.cpusOfNode(9999).stream()).isEmpty();
        assertThat(Numa.nodeOfCpu(99_999)).isEqualTo(Numa.NO_NODE);
    }

    @Test
    void aCpuIsOneOfItsNodes() {
        int cpu = Sched.currentCpu();
        int node = Numa.nodeOfCpu(cpu);
        assertThat(node == Numa.NO_NODE || Numa.cpusOfNode(node).get(cpu)).isTrue();
    }
}
