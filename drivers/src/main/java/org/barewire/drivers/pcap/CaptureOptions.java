package org.barewire.drivers.pcap;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.OptionReader;

/// How a file is written.
///
/// @param snapLength  bytes kept of a frame at most
/// @param rotateBytes largest file; `Long.MAX_VALUE` for no limit
/// @param rotateNanos longest time in one file; `Long.MAX_VALUE` for no limit
/// @param buffer      bytes, for each queue, that may wait to be written; a power of two
record CaptureOptions(Format format, int snapLength, long rotateBytes, long rotateNanos, int buffer) {
    static final Map<String, String> OPTIONS = options();

    /// The formats of capture files.
    enum Format {
        PCAP,
        PCAPNG
    }

    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,15})([a-z]?)");
    private static final Map<String, Long> SIZES = Map.of("", 1L, "k", 1L << 10, "m", 1L << 20, "g", 1L << 30);
    private static final long SECOND = 1_000_000_000;
    private static final Map<String, Long> TIMES =
            Map.of("", SECOND, "s", SECOND, "m", 60 * SECOND, "h", 3600 * SECOND);
    private static final int MIB = 1 << 20;

    static CaptureOptions parse(String path, OptionReader given) {
        Format byName = path.toLowerCase(Locale.ROOT).endsWith(".pcapng") ? Format.PCAPNG : Format.PCAP;
        return new CaptureOptions(
                given.oneOf("format", byName),
                given.number("snaplen", FrameReader.MAX_CAPTURED, 1, FrameReader.MAX_CAPTURED),
                quantity(given, "rotate-size", SIZES, "100m"),
                quantity(given, "rotate-time", TIMES, "5m"),
                given.powerOfTwo("buffer", 64, 1, 1024) * MIB);
    }

    boolean rotates() {
        return rotateBytes != Long.MAX_VALUE || rotateNanos != Long.MAX_VALUE;
    }

    private static long quantity(OptionReader given, String key, Map<String, Long> units, String example) {
        if (!given.has(key)) {
            return Long.MAX_VALUE;
        }
        String text = given.text(key, "");
        Matcher matcher = QUANTITY.matcher(text);
        Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
        long number = unit == null ? 0 : Long.parseLong(matcher.group(1));
        if (unit == null || number == 0 || number > Long.MAX_VALUE / unit) {
            throw new DeviceException(
                    "%s=%s: a whole number with its unit is needed, like %s".formatted(key, text, example));
        }
        return number * unit;
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("write", "yes: the file is written, not read; one that is there is replaced");
        options.put("format", "writing: pcap or pcapng; as the name ends");
        options.put("snaplen", "writing: bytes kept of each frame");
        options.put("rotate-size", "writing: a new file before this one has more than so many bytes: 500k, 100m, 1g");
        options.put("rotate-time", "writing: a new file when this one is so old: 30s, 5m, 1h");
        options.put("buffer", "writing: MiB of each queue that may wait for the disk, a power of two; 64");
        options.put("interface", "writing pcapng: the interface's name in the file; the file's without this option");
        return options;
    }
}
