package org.barewire.drivers.intel;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.barewire.core.memory.Registers;

/// A device's counters by their names in the datasheet, summed up in 64 bits. Used by one thread at a time.
public final class CounterSums {
    private final Registers registers;
    private final Map<String, Integer> before = new HashMap<>(); // as last read, of those that wrap
    private final Map<String, Long> sums = new LinkedHashMap<>();

    /// Nothing counted yet.
    public CounterSums(Registers registers) {
        this.registers = registers;
    }

    /// Adds what a counter has counted since it was last read: reading clears it.
    public void read(String name, int register) {
        add(name, registers.read32(register) & 0xFFFF_FFFFL);
    }

    /// Adds what a pair of registers has counted: the low one is read first, because reading the high one
    /// clears both (82599 datasheet, 8.2.3.23.27; 8254x manual, 13.7.31).
    ///
    /// @param mask the bits of the high one that count
    public void readPair(String name, int low, int high, int mask) {
        long lowBits = registers.read32(low) & 0xFFFF_FFFFL;
        add(name, lowBits | (long) (registers.read32(high) & mask) << 32);
    }

    /// Adds what a counter that reading does not clear has counted since it was last read; the first time,
    /// nothing.
    public void readWrapping(String name, int register) {
        int now = registers.read32(register);
        Integer then = before.put(name, now);
        add(name, then == null ? 0 : now - then & 0xFFFF_FFFFL);
    }

    private void add(String name, long amount) {
        sums.merge(name, amount, Long::sum);
    }

    /// What has been counted under some names, together. Not every card has every counter: one that was never
    /// read counts 0.
    public long get(String... names) {
        long total = 0;
        for (String name : names) {
            total += sums.getOrDefault(name, 0L);
        }
        return total;
    }

    /// Forgets what has been counted.
    public void clear() {
        sums.clear();
    }

    /// What has been counted until now, in the order in which it was first added.
    public Map<String, Long> all() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(sums));
    }
}
