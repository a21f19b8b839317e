package org.barewire.guest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What an {@link Agent} answers: a JSON object of numbers and texts, on one line.
record Reply(Map<String, String> fields) {
    /// The field of a reply that says why it could not be done.
    static final String ERROR = "error";

    private static final Pattern FIELD = Pattern.compile("\"([^\"]*)\":(?:(-?\\d+)|\"((?:[^\"\\\\]|\\\\.)*)\")");

    /// With nothing in it.
    Reply() {
        this(new LinkedHashMap<>());
    }

    static Reply parse(String json) {
        Reply reply = new Reply();
        for (Matcher field = FIELD.matcher(json); field.find(); ) {
            String text = field.group(3) == null ? field.group(2) : field.group(3);
            reply.fields.put(
                    field.group(1),
                    text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\"));
        }
        return reply;
    }

    Reply with(String name, Object value) {
        fields.put(name, value.toString());
        return this;
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    String text(String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new AssertionError("the agent's reply has no '%s': %s".formatted(name, fields));
        }
        return value;
    }

    long number(String name) {
        return Long.parseLong(text(name));
    }

    String toJson() {
        return fields.entrySet().stream()
                .map(field -> "\"%s\":%s".formatted(field.getKey(), value(field.getValue())))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String value(String text) {
        return text.matches("-?\\d{1,18}")
                ? text
                : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
