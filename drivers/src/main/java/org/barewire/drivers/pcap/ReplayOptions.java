package org.barewire.drivers.pcap;

import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.OptionReader;
import org.jspecify.annotations.Nullable;

/// How a file is replayed.
///
/// @param speed  how many times as fast as it was captured; 0 for as fast as frames are taken
/// @param rounds how often from beginning to end; `Long.MAX_VALUE` for ever
record ReplayOptions(double speed, long rounds) {
    static final Map<String, String> OPTIONS = options();

    static ReplayOptions parse(OptionReader given) {
        return new ReplayOptions(speed(given.text("speed", "1")), rounds(given));
    }

    boolean isPaced() {
        return speed != 0;
    }

    private static double speed(String text) {
        if (text.equals("max")) {
            return 0;
        }
        try {
            double speed = Double.parseDouble(text);
            if (speed >= 1e-6 && speed <= 1e9) {
                return speed;
            }
            throw wrong(text, null);
        } catch (NumberFormatException e) {
            throw wrong(text, e);
        }
    }

    private static DeviceException wrong(String text, @Nullable Exception cause) {
        String message =
                "speed=%s: a factor is needed, like 1 or 0.5 or 100, or max for as fast as it goes".formatted(text);
        return cause == null ? new DeviceException(message) : new DeviceException(message, cause);
    }

    private static long rounds(OptionReader given) {
        return given.text("loop", "1").equals("forever")
                ? Long.MAX_VALUE
                : given.number("loop", 1, 1, Integer.MAX_VALUE);
    }

    private static Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put(
                "speed", "reading: 1, the default, gives frames at the pace of their capture, 2 at twice that; max");
        options.put("loop", "reading: how often, a number or forever");
        return options;
    }
}
