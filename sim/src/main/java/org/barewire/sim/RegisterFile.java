package org.barewire.sim;

/// The values that registers hold, without the effects of an access. Guarded by the model's lock.
final class RegisterFile {
    private final int[] values = RegisterTable.defaults();

    int get(int offset) {
        return values[offset >> 2];
    }

    boolean has(int offset, int mask) {
        return (values[offset >> 2] & mask) != 0;
    }

    void put(int offset, int value) {
        values[offset >> 2] = value;
    }

    void add(int offset, int amount) {
        values[offset >> 2] += amount;
    }

    /// Reads a counter, which clears it.
    int take(int offset) {
        int value = values[offset >> 2];
        values[offset >> 2] = 0;
        return value;
    }

    /// Gives every register its value after a reset but those that only a link reset touches.
    void reset(boolean link) {
        int[] defaults = RegisterTable.defaults();
        for (int word = 0; word < values.length; word++) {
            if (link || RegisterTable.kind(word << 2) != RegisterKind.LINK) {
                values[word] = defaults[word];
            }
        }
    }
}
