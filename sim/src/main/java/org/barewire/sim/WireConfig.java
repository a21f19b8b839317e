package org.barewire.sim;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.barewire.core.device.DeviceException;

/// What one direction of a {@link Wire} does to the frames that it carries.
///
/// Each frame has one fate: it is lost, duplicated, overtaken, corrupted, or simply carried. The four
/// probabilities are shares of all frames, so their sum is at most 1. The fates follow from the seed and the
/// order of the frames alone, never from the clock.
///
/// @param bitsPerSecond what it carries at most, {@linkplain Wire#FRAMING framing} included; 0 for no limit
/// @param delayNanos    from the end of a frame's transmission to its arrival
/// @param loss          share of frames that never arrive
/// @param duplication   share of frames that arrive twice
/// @param reordering    share of frames that are overtaken by the next one
/// @param corruption    share of frames that arrive with one bit flipped, so that their check sequence does
///     not fit
/// @param seed          where the random numbers start
public record WireConfig(
        long bitsPerSecond,
        long delayNanos,
        double loss,
        double duplication,
        double reordering,
        double corruption,
        long seed) {
    /// The options of a device name that concern its wire, and what each does.
    public static final Map<String, String> OPTIONS = options();

    private static final long MAX_RATE = 1_000_000_000_000L;
    private static final long MAX_DELAY = 10_000_000_000L;

    public WireConfig {
        if (bitsPerSecond < 0 || bitsPerSecond > MAX_RATE) {
            throw new DeviceException(
                    "rate=%d: up to 1000g (10^12 bit/s) or unlimited is possible".formatted(bitsPerSecond));
        }
        if (delayNanos < 0 || delayNanos > MAX_DELAY) {
            throw new DeviceException("delay=%dns: from 0 to 10s is possible".formatted(delayNanos));
        }
        share("loss", loss);
        share("duplication", duplication);
        share("reordering", reordering);
        share("corruption", corruption);
        if (loss + duplication + reordering + corruption > 1) {
            throw new DeviceException("loss, duplication, reordering and corruption are shares of all frames:"
                    + " their sum must not exceed 1");
        }
    }

    /// 10 Gbit/s, no delay, nothing happens to a frame, seed 1.
    public static WireConfig standard() {
        return new WireConfig(10_000_000_000L, 0, 0, 0, 0, 0, 1);
    }

    public WireConfig withRate(long bitsPerSecond) {
        return new WireConfig(bitsPerSecond, delayNanos, loss, duplication, reordering, corruption, seed);
    }

    public WireConfig withDelay(long delayNanos) {
        return new WireConfig(bitsPerSecond, delayNanos, loss, duplication, reordering, corruption, seed);
    }

    public WireConfig withLoss(double loss) {
        return new WireConfig(bitsPerSecond, delayNanos, loss, duplication, reordering, corruption, seed);
    }

    public WireConfig withDuplication(double duplication) {
        return new WireConfig(bitsPerSecond, delayNanos, loss, duplication, reordering, corruption, seed);
    }

    public WireConfig withReordering(double reordering) {
        return new WireConfig(bitsPerSecond, delayNanos, loss, duplication, reordering, corruption, seed);
    }

    public WireConfig withCorruption(double corruption) {
        return new WireConfig(bitsPerSecond, delayNanos, loss, duplication, reordering, corruption, seed);
    }

    public WireConfig withSeed(long seed) {
        return new WireConfig(bitsPerSecond, delayNanos, loss, duplication, reordering, corruption, seed);
    }

    /// This configuration, with what a device name's options say; options that are not in {@link #OPTIONS}
    /// are somebody else's.
    ///
    /// @throws DeviceException if a value is not understood or out of range
    public WireConfig withOptions(Map<String, String> given) {
        return new WireConfig(
                read(given, "rate", bitsPerSecond, Quantity::rate),
                read(given, "delay", delayNanos, Quantity::nanos),
                read(given, "loss", loss, Quantity::number),
                read(given, "duplication", duplication, Quantity::number),
                read(given, "reordering", reordering, Quantity::number),
                read(given, "corruption", corruption, Quantity::number),
                read(given, "seed", seed, Quantity::whole));
    }

    private static <T> T read(
            Map<String, String> given, String key, T otherwise, BiFunction<String, String, T> quantity) {
        String value = given.get(key);
        return value == null ? otherwise : quantity.apply(key, value);
    }

    private static void share(String what, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new DeviceException("%s=%s: a share of all frames, from 0 to 1, is needed".formatted(what, value));
        }
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("rate", "bit/s of the wire: 10g, 2.5g, 100m, a plain number, or unlimited");
        options.put("delay", "how long a frame travels: 50us, 2ms, 800ns");
        options.put("loss", "share of frames that never arrive, 0 to 1");
        options.put("duplication", "share of frames that arrive twice, 0 to 1");
        options.put("reordering", "share of frames that are overtaken by the next one, 0 to 1");
        options.put("corruption", "share of frames that arrive with a flipped bit, 0 to 1");
        options.put("seed", "a whole number; the same one gives the same frames the same fates");
        return Collections.unmodifiableMap(options);
    }
}
