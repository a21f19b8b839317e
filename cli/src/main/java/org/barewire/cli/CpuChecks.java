package org.barewire.cli;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.SystemFiles;

/// Whether there are processors that a polling thread has to itself, at full speed.
final class CpuChecks {
    private static final String CPUS = "sys/devices/system/cpu/";

    /// With fewer, none can be spared for data-plane threads alone.
    private static final int SPARABLE = 4;

    private final SystemFiles files;
    private final int usable;

    /// @param usable the CPUs that this process may run on
    CpuChecks(SystemFiles files, int usable) {
        this.files = files;
        this.usable = usable;
    }

    List<Check> run() {
        List<Check> checks = new ArrayList<>();
        checks.add(count());
        checks.add(reserved("isolated CPUs", "isolated", "isolcpus"));
        checks.add(reserved("tickless CPUs", "nohz_full", "nohz_full"));
        checks.add(governor());
        checks.add(balancing());
        return checks;
    }

    private Check count() {
        int online = list(CPUS + "online").cardinality();
        String finding = online > usable
                ? "%d of %d can be used by this process".formatted(usable, online)
                : "%d".formatted(usable);
        return usable > 1
                ? Check.ok("CPUs", finding)
                : Check.couldBeBetter(
                        "CPUs",
                        finding + ": a simulated card and the thread that polls it take turns",
                        "give this process two, for example with taskset -c 0,1");
    }

    private Check reserved(String topic, String file, String parameter) {
        BitSet reserved = list(CPUS + file);
        if (!reserved.isEmpty()) {
            return Check.ok(topic, files.line(CPUS + file));
        }
        int cpus = list(CPUS + "online").length();
        if (cpus < SPARABLE) {
            return Check.ok(topic, "none, and none to spare");
        }
        return Check.couldBeBetter(
                topic,
                "none: the kernel interrupts polling threads",
                "add %s=%d-%d to the kernel's command line and reboot".formatted(parameter, cpus / 2, cpus - 1));
    }

    private Check governor() {
        TreeSet<String> governors = new TreeSet<>();
        for (String cpu : files.names(CPUS)) {
            String governor = files.line(CPUS + cpu + "/cpufreq/scaling_governor");
            if (cpu.matches("cpu\\d+") && !governor.isEmpty()) {
                governors.add(governor);
            }
        }
        if (governors.isEmpty()) {
            return Check.ok("CPU governor", "none: the clock is not the kernel's business here");
        }
        String finding = String.join(", ", governors);
        return governors.equals(new TreeSet<>(List.of("performance")))
                ? Check.ok("CPU governor", finding)
                : Check.couldBeBetter("CPU governor", finding, "sudo cpupower frequency-set -g performance");
    }

    private Check balancing() {
        long state = files.number("proc/sys/kernel/numa_balancing", 0);
        return state == 0
                ? Check.ok("NUMA balancing", "off")
                : Check.couldBeBetter(
                        "NUMA balancing",
                        "on: the kernel unmaps pages to see who uses them",
                        "sudo sysctl kernel.numa_balancing=0");
    }

    /// A file in the kernel's list format; empty if it is missing, or `(null)` as nohz_full may be, or
    /// garbage.
    private BitSet list(String path) {
        String text = files.line(path);
        return text.matches("\\d{1,5}(-\\d{1,5})?(,\\d{1,5}(-\\d{1,5})?)*") ? parse(text) : new BitSet();
    }

    private static BitSet parse(String text) {
        try {
            return Numa.parseList(text);
        } catch (IndexOutOfBoundsException e) { // a range that ends before it starts
            return new BitSet();
        }
    }
}
