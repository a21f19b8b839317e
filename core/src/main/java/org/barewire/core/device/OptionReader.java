package org.barewire.core.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.barewire.core.packet.MacAddress;

/// Reads the values of a device name's options: `new OptionReader(name.options()).number("id", 0, 0, 7)`.
///
/// Each method returns `otherwise` if the option is not given, and throws {@link DeviceException} with a
/// sentence that names the option and what is possible if its value is not understood or out of range.
public final class OptionReader {
    private final Map<String, String> options;

    public OptionReader(Map<String, String> options) {
        this.options = options;
    }

    public boolean has(String key) {
        return options.containsKey(key);
    }

    public String text(String key, String otherwise) {
        return options.getOrDefault(key, otherwise);
    }

    /// A whole number from `least` to `most`.
    public int number(String key, int otherwise, int least, int most) {
        String value = options.get(key);
        int number = otherwise;
        if (value != null) {
            try {
                number = Integer.parseInt(value);
            } catch (NumberFormatException e) {
                throw new DeviceException("%s=%s: a whole number is needed".formatted(key, value), e);
            }
        }
        return range(key, number, least, most);
    }

    /// A power of two from `least` to `most`.
    public int powerOfTwo(String key, int otherwise, int least, int most) {
        return powerOfTwoIn(key, number(key, otherwise, Integer.MIN_VALUE, Integer.MAX_VALUE), least, most);
    }

    /// `yes`, `on`, `true` or `1`, or their opposites.
    public boolean flag(String key, boolean otherwise) {
        String value = options.get(key);
        if (value == null) {
            return otherwise;
        }
        return switch (value) {
            case "yes", "on", "true", "1" -> true;
            case "no", "off", "false", "0" -> false;
            default -> throw new DeviceException("%s=%s: yes or no is needed".formatted(key, value));
        };
    }

    /// A constant of an enum, written in lower case with dashes for underscores.
    public <E extends Enum<E>> E oneOf(String key, E otherwise) {
        String value = options.get(key);
        return value == null ? otherwise : constant(key, value, value, otherwise.getDeclaringClass());
    }

    /// Constants of an enum, separated by commas.
    public <E extends Enum<E>> List<E> someOf(String key, Class<E> type, List<E> otherwise) {
        String value = options.get(key);
        if (value == null) {
            return otherwise;
        }
        List<E> constants = new ArrayList<>();
        for (String word : value.split(",", -1)) {
            constants.add(constant(key, value, word, type));
        }
        return constants;
    }

    /// An Ethernet address, like `02:00:00:00:00:01`.
    public MacAddress macAddress(String key, MacAddress otherwise) {
        String value = options.get(key);
        if (value == null) {
            return otherwise;
        }
        try {
            return MacAddress.parse(value);
        } catch (IllegalArgumentException e) {
            throw new DeviceException("%s=%s: %s".formatted(key, value, e.getMessage()), e);
        }
    }

    private static <E extends Enum<E>> E constant(String key, String value, String word, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(word)) {
                return constant;
            }
        }
        String possible =
                Arrays.stream(type.getEnumConstants()).map(OptionReader::word).collect(Collectors.joining(", "));
        throw new DeviceException("%s=%s: possible are %s".formatted(key, value, possible));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static int range(String key, int value, int least, int most) {
        if (value < least || value > most) {
            throw new DeviceException("%s=%d: from %d to %d is possible".formatted(key, value, least, most));
        }
        return value;
    }

    static int powerOfTwoIn(String key, int value, int least, int most) {
        if (value < least || value > most || Integer.bitCount(value) != 1) {
            throw new DeviceException(
                    "%s=%d: a power of two from %d to %d is possible".formatted(key, value, least, most));
        }
        return value;
    }
}
