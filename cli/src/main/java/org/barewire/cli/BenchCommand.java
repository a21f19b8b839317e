package org.barewire.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `barewire bench`: what the driver's own code costs per packet, without a device's or a wire's share in it.
@Command(
        name = "bench",
        description = "Measures what the ixgbe driver's code costs per packet, on a device in memory.",
        mixinStandardHelpOptions = true)
final class BenchCommand {
    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object to standard output.")
    private boolean json;

    @Option(names = "--rounds", defaultValue = "9", description = "Rounds to measure (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--count",
            defaultValue = "40000000",
            description = "Packets per round (default: ${DEFAULT-VALUE}).")
    private long count;

    @Command(
            name = "ring",
            description = "Receives into and sends from rings of 512, with a pool of 4096 buffers.",
            mixinStandardHelpOptions = true)
    int ring(@Option(names = "--batch", defaultValue = "32", description = "Packets per burst, 1 to 256.") int batch) {
        return measure(batch, 256, RingBench::new);
    }

    @Command(name = "relay", description = "Relays in place on a ring of 256.", mixinStandardHelpOptions = true)
    int relay(@Option(names = "--batch", defaultValue = "8", description = "Packets per burst, 1 to 128.") int batch) {
        return measure(batch, 128, RelayBench::new);
    }

    private int measure(int batch, int most, IntFunction<MicroBench> create) {
        if (batch < 1 || batch > most) {
            throw new ParameterException(spec.commandLine(), "--batch=%d: from 1 to %d".formatted(batch, most));
        }
        double[] nanos = new double[rounds];
        try (MicroBench bench = create.apply(batch)) {
            bench.run(count / 4); // compiled after this
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                long moved = bench.run(count);
                nanos[round] = (double) (System.nanoTime() - start) / moved;
            }
        }
        Arrays.sort(nanos);
        print(batch, nanos[0], nanos[rounds / 2], nanos[rounds - 1]);
        return 0;
    }

    private void print(int batch, double min, double median, double max) {
        String format = json
                ? "{\"batch\":%d,\"ns_per_packet\":{\"min\":%.2f,\"median\":%.2f,\"max\":%.2f}}"
                : "batch %d: %.2f ns a packet at best, %.2f in the median, %.2f at worst";
        System.out.println(String.format(Locale.ROOT, format, batch, min, median, max));
    }
}
