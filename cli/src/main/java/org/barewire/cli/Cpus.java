package org.barewire.cli;

import java.util.BitSet;
import java.util.stream.IntStream;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.Sched;

/// The CPUs that the process may use, for threads that are to have one of their own.
final class Cpus {
    private final int[] cpus;

    private Cpus(IntStream cpus) {
        this.cpus = cpus.toArray();
    }

    /// Some CPUs, those that are `near` first.
    static Cpus of(BitSet cpus, BitSet near) {
        return new Cpus(
                IntStream.concat(cpus.stream().filter(near::get), cpus.stream().filter(cpu -> !near.get(cpu))));
    }

    /// Those that the calling thread may run on, those of a NUMA node first.
    ///
    /// @param node or {@link Numa#NO_NODE}, to have all in order
    static Cpus available(int node) {
        return of(Sched.affinity(), Numa.cpusOfNode(node));
    }

    int count() {
        return cpus.length;
    }

    /// The CPU for thread `index`, from 0; threads share CPUs if there are too few.
    int cpu(int index) {
        return cpus[index % cpus.length];
    }
}
