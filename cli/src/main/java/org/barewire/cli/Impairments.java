package org.barewire.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.barewire.core.device.DeviceException;
import org.barewire.sim.WireConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that say what a simulated wire does to the frames on it.
final class Impairments {
    @Option(names = "--loss", paramLabel = "SHARE", description = "Share of frames that the wire loses, 0 to 1.")
    private @Nullable String loss;

    @Option(names = "--duplicate", paramLabel = "SHARE", description = "Share of frames that arrive twice, 0 to 1.")
    private @Nullable String duplicate;

    @Option(
            names = "--reorder",
            paramLabel = "SHARE",
            description = "Share of frames that are held back to be overtaken by the next one, 0 to 1. A frame that"
                    + " overtakes is not itself held back, so fewer are late: of 0.1 some 0.09, of 1 a half.")
    private @Nullable String reorder;

    @Option(
            names = "--corrupt",
            paramLabel = "SHARE",
            description = "Share of frames that arrive with a flipped bit, 0 to 1.")
    private @Nullable String corrupt;

    @Option(names = "--delay", paramLabel = "TIME", description = "How long a frame travels, like 50us or 2ms.")
    private @Nullable String delay;

    @Option(
            names = "--seed",
            paramLabel = "NUMBER",
            description = "Where the random numbers start: the same seed does the same to the same frames.")
    private @Nullable String seed;

    /// Finds what is wrong before anything is opened.
    ///
    /// @throws IllegalArgumentException with what is wrong in its message
    void check() {
        try {
            check("--loss", "loss", loss);
            check("--duplicate", "duplication", duplicate);
            check("--reorder", "reordering", reorder);
            check("--corrupt", "corruption", corrupt);
            check("--delay", "delay", delay);
            check("--seed", "seed", seed);
            WireConfig.standard().withOptions(given());
        } catch (DeviceException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static void check(String option, String key, @Nullable String value) {
        if (value == null) {
            return;
        }
        try {
            WireConfig.standard().withOptions(Map.of(key, value));
        } catch (DeviceException e) {
            String message = String.valueOf(e.getMessage());
            throw new IllegalArgumentException(
                    option + message.substring(message.startsWith(key) ? key.length() : 0), e);
        }
    }

    /// Are frames to be harmed?
    boolean any() {
        return loss != null || duplicate != null || reorder != null || corrupt != null;
    }

    /// The options for the name of a simulated card: empty, or beginning with a question mark.
    String options() {
        return given().isEmpty()
                ? ""
                : given().entrySet().stream()
                        .map(option -> option.getKey() + "=" + option.getValue())
                        .collect(Collectors.joining("&", "?", ""));
    }

    private Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        put(given, "loss", loss);
        put(given, "duplication", duplicate);
        put(given, "reordering", reorder);
        put(given, "corruption", corrupt);
        put(given, "delay", delay);
        put(given, "seed", seed);
        return given;
    }

    private static void put(Map<String, String> options, String key, @Nullable String value) {
        if (value != null) {
            options.put(key, value);
        }
    }
}
