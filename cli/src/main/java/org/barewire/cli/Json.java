package org.barewire.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One JSON object (RFC 8259), its members in the order in which they are put.
final class Json {
    private static final int DECIMALS = 6;

    private final Map<String, String> members = new LinkedHashMap<>();

    /// Adds a member: text, a number, a boolean, null, another object, or a collection of such.
    ///
    /// Numbers that are not whole have six decimals at most; infinite ones and NaN become null, for JSON has
    /// none of them.
    Json put(String name, @Nullable Object value) {
        members.put(name, write(value));
        return this;
    }

    @Override
    public String toString() {
        return members.entrySet().stream()
                .map(member -> quote(member.getKey()) + ":" + member.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String write(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Json object -> object.toString();
            case Boolean truth -> truth.toString();
            case Double number -> write(number.doubleValue());
            case Integer number -> number.toString();
            case Long number -> number.toString();
            case Iterable<?> list -> write(list);
            default -> quote(value.toString());
        };
    }

    private static String write(double number) {
        if (!Double.isFinite(number)) {
            return "null";
        }
        BigDecimal rounded = BigDecimal.valueOf(number).setScale(DECIMALS, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    private static String write(Iterable<?> list) {
        List<String> values = new ArrayList<>();
        list.forEach(value -> values.add(write(value)));
        return "[" + String.join(",", values) + "]";
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ') {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
