package org.barewire.guest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A driver's statistics by their names, as `ethtool -S` and testpmd's `show port xstats` print them.
record Counters(Map<String, Long> values) {
    private static final Pattern LINE = Pattern.compile("^ *(\\w+): (\\d+)$", Pattern.MULTILINE);

    static Counters parse(String text) {
        Map<String, Long> values = new HashMap<>();
        for (Matcher line = LINE.matcher(text); line.find(); ) {
            values.put(line.group(1), Long.parseLong(line.group(2)));
        }
        return new Counters(values);
    }

    long get(String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new AssertionError("there is no counter '%s' among %s".formatted(name, values));
        }
        return value;
    }

    /// One of each queue's.
    ///
    /// @param format of the name, with the queue's number
    List<Long> ofQueues(String format, int queues) {
        return IntStream.range(0, queues)
                .mapToObj(queue -> get(format.formatted(queue)))
                .toList();
    }

    /// What has been counted since.
    Counters since(Counters before) {
        Map<String, Long> counted = new HashMap<>(values);
        counted.replaceAll((name, value) -> value - before.get(name));
        return new Counters(counted);
    }
}
