package org.barewire.cli;

import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// The options of every command that runs for a while: how long, and how it reports.
final class RunOptions {
    @Option(
            names = "--time",
            paramLabel = "SECONDS",
            converter = Seconds.class,
            description = "Stop after so many seconds, like 5 or 0.5.")
    private @Nullable Double seconds;

    @Option(
            names = "--count",
            paramLabel = "PACKETS",
            converter = Packets.class,
            description = "Stop after so many packets.")
    private @Nullable Long count;

    @Option(names = "--json", description = "Print one JSON object to standard output at the end.")
    private boolean json;

    boolean json() {
        return json;
    }

    /// Packets to stop after; {@link Long#MAX_VALUE} if there is no such limit.
    long count() {
        return count == null ? Long.MAX_VALUE : count;
    }

    boolean hasCount() {
        return count != null;
    }

    /// Bounds the run where the user has not said anything.
    void limitTo(double seconds) {
        if (this.seconds == null && count == null) {
            this.seconds = seconds;
        }
    }

    /// Is a run that started at `startNanos` ({@link System#nanoTime}) and has moved so many packets to end?
    boolean isOver(long startNanos, long packets) {
        return packets >= count() || nanosLeft(startNanos) <= 0;
    }

    /// What is left of the time; {@link Long#MAX_VALUE} if there is no such limit.
    long nanosLeft(long startNanos) {
        return seconds == null ? Long.MAX_VALUE : (long) (seconds * 1e9) - (System.nanoTime() - startNanos);
    }

    /// For people, as in `for 5 s`.
    String describe() {
        if (seconds != null) {
            String time = BigDecimal.valueOf(seconds).stripTrailingZeros().toPlainString();
            return count == null ? "for %s s".formatted(time) : "for %s s or %s".formatted(time, packets(count));
        }
        return count == null ? "until Ctrl-C" : "for " + packets(count);
    }

    /// As in `1 packet` or `2 packets`.
    static String packets(long count) {
        return count == 1 ? "1 packet" : count + " packets";
    }

    /// Reads a positive number of seconds, up to a year's.
    static final class Seconds implements ITypeConverter<Double> {
        private static final double MOST = 365 * 86_400.0;
        private static final Pattern FORM = Pattern.compile("[0-9]{1,9}(?:\\.[0-9]{1,9})?|\\.[0-9]{1,9}");

        @Override
        public Double convert(String text) {
            try {
                // no "1d" or "0x1p3", which Java reads as well
                double seconds = FORM.matcher(text).matches() ? Double.parseDouble(text) : 0;
                if (seconds > 0 && seconds <= MOST) {
                    return seconds;
                }
            } catch (NumberFormatException e) {
                throw wrong(text);
            }
            throw wrong(text);
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException("'%s' is not a number of seconds like 5 or 0.5".formatted(text));
        }
    }

    /// Reads a positive number of packets.
    static final class Packets implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                long packets = Long.parseLong(text);
                if (packets > 0) {
                    return packets;
                }
            } catch (NumberFormatException e) {
                throw wrong(text);
            }
            throw wrong(text);
        }

        private static TypeConversionException wrong(String text) {
            return new TypeConversionException("'%s' is not a number of packets like 1000000".formatted(text));
        }
    }
}
