package org.barewire.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;
import org.barewire.drivers.ixgbe.MemoryNic;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `barewire bench`: what the driver's own code costs per packet, without a device's or a wire's share in it.
@Command(
        name = "bench",
        description = {
            "Measures what a driver's code costs per packet, on a device in memory.",
            "First it warms up, so that only compiled code is measured: for at least 3 s, and until two rounds in "
                    + "a row agree within 2%%, or for 10 s. Ctrl-C ends it without figures."
        },
        footer = {"", "Example: barewire bench ring --batch 32 --json; each command's own --help explains --batch."},
        mixinStandardHelpOptions = true)
final class BenchCommand {
    private static final double AGREED = 0.02;
    private static final int MOST_ROUNDS = 10_000;
    private static final long SECOND = 1_000_000_000;
    private static final long LEAST_WARM_UP = 3 * SECOND;
    private static final long MOST_WARM_UP = 10 * SECOND;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print one JSON object to standard output.")
    private boolean json;

    @Option(
            names = "--rounds",
            defaultValue = "9",
            scope = ScopeType.INHERIT,
            description = "Rounds to measure (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--count",
            defaultValue = "40000000",
            scope = ScopeType.INHERIT,
            description = "Packets per round (default: ${DEFAULT-VALUE}).")
    private long count;

    /// Whose rings.
    enum Driver {
        IXGBE,
        IGB,
        E1000E,
        VIRTIO_SPLIT,
        VIRTIO_PACKED;

        RingBench open(int batch) {
            return switch (this) {
                case IXGBE -> RingBench.intel(batch, MemoryNic.Rings.IXGBE);
                case IGB -> RingBench.intel(batch, MemoryNic.Rings.IGB);
                case E1000E -> RingBench.intel(batch, MemoryNic.Rings.E1000E);
                case VIRTIO_SPLIT, VIRTIO_PACKED -> RingBench.virtio(batch, this == VIRTIO_PACKED);
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Command(
            name = "ring",
            description = "Receives into and sends from rings of 512, with a pool of 4096 buffers.",
            mixinStandardHelpOptions = true)
    int ring(
            @Option(names = "--batch", defaultValue = "32", description = "Packets per burst, 1 to 256.") int batch,
            @Option(
                            names = "--driver",
                            defaultValue = "ixgbe",
                            description = "Whose rings: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
                    Driver driver) {
        return measure(batch, 256, driver::open);
    }

    @Command(name = "relay", description = "Relays in place on a ring of 256.", mixinStandardHelpOptions = true)
    int relay(@Option(names = "--batch", defaultValue = "8", description = "Packets per burst, 1 to 128.") int batch) {
        return measure(batch, 128, RelayBench::new);
    }

    private int measure(int batch, int most, IntFunction<MicroBench> create) {
        if (batch < 1 || batch > most) {
            throw wrong("--batch=%d: from 1 to %d is possible".formatted(batch, most));
        }
        if (rounds < 1 || rounds > MOST_ROUNDS) {
            throw wrong("--rounds=%d: from 1 to %d is possible".formatted(rounds, MOST_ROUNDS));
        }
        if (count < 1) {
            throw wrong("--count=%d: 1 or more is needed".formatted(count));
        }
        double[] nanos = new double[rounds];
        try (MicroBench bench = create.apply(batch)) {
            warmUp(bench);
            for (int round = 0; round < rounds; round++) {
                nanos[round] = round(bench);
            }
        }
        Arrays.sort(nanos);
        print(batch, nanos[0], nanos[rounds / 2], nanos[rounds - 1]);
        return Main.DONE;
    }

    private void warmUp(MicroBench bench) {
        long start = System.nanoTime();
        double previous = Double.POSITIVE_INFINITY;
        double latest = round(bench);
        long elapsed = 0;
        while (elapsed < LEAST_WARM_UP || elapsed < MOST_WARM_UP && Math.abs(latest / previous - 1) > AGREED) {
            previous = latest;
            latest = round(bench);
            elapsed = System.nanoTime() - start;
        }
    }

    /// Nanoseconds per packet.
    private double round(MicroBench bench) {
        long start = System.nanoTime();
        long moved = bench.run(count);
        return (double) (System.nanoTime() - start) / moved;
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    private void print(int batch, double min, double median, double max) {
        String format = json
                ? "{\"batch\":%d,\"ns_per_packet\":{\"min\":%.2f,\"median\":%.2f,\"max\":%.2f}}"
                : "batch %d: %.2f ns a packet at best, %.2f in the median, %.2f at worst";
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, format, batch, min, median, max));
        out.flush();
    }
}
