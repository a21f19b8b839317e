package org.barewire.sim;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barewire.core.device.DeviceException;

/// Reads the values of options: numbers with units.
final class Quantity {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)([a-z]*)");

    private Quantity() {}

    /// Bits or frames per second: `10g`, `2.5g`, `100m`, `64k`, a plain number; 0 for `unlimited`.
    static long rate(String option, String text) {
        if (text.equals("unlimited")) {
            return 0;
        }
        Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
        long unit = !form.matches()
                ? 0
                : switch (form.group(2)) {
                    case "" -> 1;
                    case "k" -> 1_000;
                    case "m" -> 1_000_000;
                    case "g" -> 1_000_000_000;
                    default -> 0;
                };
        long rate = unit == 0 ? 0 : times(form.group(1), unit);
        if (rate <= 0) {
            throw new DeviceException(
                    "%s=%s: a rate like 10g, 2.5g, 100m or unlimited is needed".formatted(option, text));
        }
        return rate;
    }

    /// Nanoseconds: `800ns`, `50us`, `2ms`, `1s`, or a plain number of them.
    static long nanos(String option, String text) {
        Matcher form = FORM.matcher(text.toLowerCase(Locale.ROOT));
        long unit = !form.matches()
                ? 0
                : switch (form.group(2)) {
                    case "", "ns" -> 1;
                    case "us" -> 1_000;
                    case "ms" -> 1_000_000;
                    case "s" -> 1_000_000_000;
                    default -> 0;
                };
        if (unit == 0) {
            throw new DeviceException("%s=%s: a time like 800ns, 50us or 2ms is needed".formatted(option, text));
        }
        return times(form.group(1), unit);
    }

    static long whole(String option, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new DeviceException("%s=%s: a whole number is needed".formatted(option, text), e);
        }
    }

    static double number(String option, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new DeviceException("%s=%s: a number like 0.01 is needed".formatted(option, text), e);
        }
    }

    /// What is too large for a `long` becomes the largest, which is out of range wherever it is used.
    private static long times(String number, long unit) {
        BigDecimal value = new BigDecimal(number).multiply(BigDecimal.valueOf(unit));
        return value.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
    }
}
