package org.barewire.cli;

import java.util.BitSet;
import org.barewire.core.linux.Sched;

/// The CPUs that the process may use, for threads that are to have one of their own.
final class Cpus {
    private final int[] cpus;

    Cpus(BitSet cpus) {
        this.cpus = cpus.stream().toArray();
    }

    /// Those that the calling thread may run on.
    static Cpus available() {
        return new Cpus(Sched.affinity());
    }

    int count() {
        return cpus.length;
    }

    /// The CPU for thread `index`, from 0; threads share CPUs if there are too few.
    int cpu(int index) {
        return cpus[index % cpus.length];
    }
}
