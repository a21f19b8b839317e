package org.barewire.drivers.virtio;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.Counters;
import org.barewire.core.device.DeviceStatistics;

/// What a queue counts, each at its index in the queue's line of {@link Counters}.
enum Counter {
    PACKETS(0),
    BYTES(1),
    DROPPED(2),
    ERRORS(3),
    /// The device says that it has used more buffers than it has.
    BAD_INDEX(4),
    /// The device gave back a buffer that it doesn't have.
    BAD_ID(5),
    /// A buffer holds more than fits, or nothing.
    BAD_LENGTH(6),
    /// A received packet's header contradicts the packet, or the features.
    BAD_HEADER(7),
    /// Longer than the MTU allows, or of too many segments.
    TOO_LONG(8),
    /// A packet asks for what neither the device nor the driver can do.
    NOT_POSSIBLE(9);

    private static final List<Counter> DETAILS =
            List.of(BAD_INDEX, BAD_ID, BAD_LENGTH, BAD_HEADER, TOO_LONG, NOT_POSSIBLE);

    private final int index;

    Counter(int index) {
        this.index = index;
    }

    void add(long line, long amount) {
        Counters.add(line, index, amount);
    }

    long get(long line) {
        return Counters.get(line, index);
    }

    private long sum(List<Long> lines) {
        return lines.stream().mapToLong(this::get).sum();
    }

    /// What a device's queues have counted, in a line each.
    static DeviceStatistics statistics(List<Long> in, List<Long> out) {
        Map<String, Long> details = new LinkedHashMap<>(details("rx_", in));
        details.putAll(details("tx_", out));
        return new DeviceStatistics(
                PACKETS.sum(in),
                BYTES.sum(in),
                0,
                ERRORS.sum(in),
                PACKETS.sum(out),
                BYTES.sum(out),
                ERRORS.sum(out),
                details);
    }

    /// The counters that tell why something was an error, summed over queues.
    private static Map<String, Long> details(String prefix, List<Long> lines) {
        Map<String, Long> details = new LinkedHashMap<>();
        for (Counter counter : DETAILS) {
            String name = prefix + counter.name().toLowerCase(java.util.Locale.ROOT);
            details.put(name, counter.sum(lines));
        }
        return details;
    }
}
