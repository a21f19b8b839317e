package org.barewire.sim;

/// The addresses of the buffers that the device may write to: a hash set of longs, with linear probing.
final class BufferSet {
    private long[] slots = new long[1024];
    private int size;

    /// False if it is there already.
    boolean add(long key) {
        if (2 * size >= slots.length) {
            grow();
        }
        int mask = slots.length - 1;
        int i = home(key, mask);
        while (slots[i] != 0) {
            if (slots[i] == key) {
                return false;
            }
            i = i + 1 & mask;
        }
        slots[i] = key;
        size++;
        return true;
    }

    boolean contains(long key) {
        int mask = slots.length - 1;
        int i = home(key, mask);
        while (slots[i] != 0) {
            if (slots[i] == key) {
                return true;
            }
            i = i + 1 & mask;
        }
        return false;
    }

    void remove(long key) {
        int mask = slots.length - 1;
        int i = home(key, mask);
        while (slots[i] != key) {
            if (slots[i] == 0) {
                return;
            }
            i = i + 1 & mask;
        }
        size--;
        // closes the gap, so that no key is cut off from its home
        int gap = i;
        while (slots[i = i + 1 & mask] != 0) {
            if ((i - home(slots[i], mask) & mask) >= (i - gap & mask)) {
                slots[gap] = slots[i];
                gap = i;
            }
        }
        slots[gap] = 0;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        size = 0;
        for (long key : old) {
            if (key != 0) {
                add(key);
            }
        }
    }

    private static int home(long key, int mask) {
        return (int) (key * 0x9E3779B97F4A7C15L >>> 40) & mask;
    }
}
