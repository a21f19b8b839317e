package org.barewire.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What the comparisons need of the machine.
final class Machine {
    private static final int HUGE_PAGES = 300; // two testpmd of 128, and Barewire

    private Machine() {}

    /// Sentences about what is not there, each with its cure; empty if all is.
    static List<String> missing() throws IOException {
        List<String> missing = new ArrayList<>();
        if (!isInPath("dpdk-testpmd")) {
            missing.add("dpdk-testpmd is not there: apt-get install dpdk-dev");
        }
        if (!isInPath("ip")) {
            missing.add("ip is not there: apt-get install iproute2");
        }
        if (Runtime.getRuntime().availableProcessors() < 2) {
            missing.add("there is one CPU, and each of the two sides needs one");
        }
        long free = freeHugePages();
        if (free < HUGE_PAGES) {
            missing.add("%d huge pages are free, and %d are needed: sysctl vm.nr_hugepages=%d"
                    .formatted(free, HUGE_PAGES, 2 * HUGE_PAGES));
        }
        if (!Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages"))) {
            missing.add("testpmd and network namespaces take root: sudo bench/run peers");
        }
        return missing;
    }

    private static boolean isInPath(String command) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
    }

    private static long freeHugePages() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("HugePages_Free:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(0);
        }
    }
}
