package org.barewire.bench.peers;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What the runs of one comparison gave, in Mpps.
record Result(String name, List<Double> barewire, List<Double> dpdk) {
    private static final String ROW = "%-30s  %14s  %16s  %14s  %16s  %5s";

    double ratio() {
        return median(barewire) / median(dpdk);
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String spread(List<Double> values) {
        return String.format(
                Locale.ROOT,
                "%.2f to %.2f",
                values.stream().mapToDouble(Double::doubleValue).min().orElse(0),
                values.stream().mapToDouble(Double::doubleValue).max().orElse(0));
    }

    /// A row of the table.
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                ROW,
                name,
                "%.2f".formatted(median(barewire)),
                spread(barewire),
                "%.2f".formatted(median(dpdk)),
                spread(dpdk),
                "%.2f".formatted(ratio()));
    }

    static String table(List<Result> results) {
        String head = String.format(Locale.ROOT, ROW, "64 bytes", "Barewire, Mpps", "", "DPDK, Mpps", "", "ratio");
        return head
                + results.stream()
                        .map(result -> System.lineSeparator() + result)
                        .collect(Collectors.joining());
    }

    static String json(PeerSuite.Settings settings, List<Result> results) {
        return results.stream()
                .map(Result::json)
                .collect(Collectors.joining(
                        ",",
                        String.format(
                                Locale.ROOT,
                                "{\"runs\":%d,\"seconds\":%s,\"results\":[",
                                settings.runs(),
                                settings.time()),
                        "]}"));
    }

    private String json() {
        return String.format(
                Locale.ROOT,
                "{\"name\":\"%s\",\"barewire_mpps\":%s,\"dpdk_mpps\":%s,\"barewire_median\":%.3f,\"dpdk_median\":%.3f,\"ratio\":%.3f}",
                name,
                rounded(barewire),
                rounded(dpdk),
                median(barewire),
                median(dpdk),
                ratio());
    }

    private static List<Double> rounded(List<Double> values) {
        return values.stream().map(value -> Math.round(value * 1e3) / 1e3).toList();
    }
}
