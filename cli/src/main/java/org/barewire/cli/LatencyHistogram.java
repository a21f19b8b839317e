package org.barewire.cli;

import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.barewire.sim.LatencyRecorder;
import org.jspecify.annotations.Nullable;

/// Latencies from 1 ns to 10 s, to three digits; a longer one counts as 10 s. Memory is taken at once, so that
/// recording allocates nothing. One thread records, and others read when it has stopped.
final class LatencyHistogram implements LatencyRecorder {
    private static final long MOST = 10_000_000_000L;

    private final Histogram histogram = new Histogram(1, MOST, 3);

    @Override
    public void record(long nanos) {
        histogram.recordValue(Math.clamp(nanos, 0, MOST));
    }

    void reset() {
        histogram.reset();
    }

    /// The latency that this share of the packets, in percent, did not exceed.
    long nanosAt(double percentile) {
        return histogram.getValueAtPercentile(percentile);
    }

    /// Null if there is none.
    @Nullable
    Json toJson() {
        if (histogram.getTotalCount() == 0) {
            return null;
        }
        return new Json()
                .put("p50", nanosAt(50))
                .put("p99", nanosAt(99))
                .put("p999", nanosAt(99.9))
                .put("max", histogram.getMaxValue());
    }

    /// `none`, or as in `50% within 12.3 us, 99% 20.1 us, 99.9% 31.0 us, all 95.2 us`.
    @Override
    public String toString() {
        if (histogram.getTotalCount() == 0) {
            return "none";
        }
        return "50%% within %s, 99%% %s, 99.9%% %s, all %s"
                .formatted(
                        micros(nanosAt(50)),
                        micros(nanosAt(99)),
                        micros(nanosAt(99.9)),
                        micros(histogram.getMaxValue()));
    }

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.1f us", nanos / 1e3);
    }
}
