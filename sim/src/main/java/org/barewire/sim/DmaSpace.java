package org.barewire.sim;

import java.util.Arrays;

/// The io addresses that the device may access, and where they are in this process. Guarded by the model's
/// lock.
final class DmaSpace {
    private long[] starts = new long[8]; // io addresses, ascending as unsigned numbers
    private long[] ends = new long[8]; // the one after the last
    private long[] shifts = new long[8]; // address minus io address
    private boolean[] writable = new boolean[8];
    private int used;
    private int last;

    /// The device may read, and perhaps write, memory at `address` as `io`.
    void map(long io, long length, long address, boolean mayWrite) {
        if (used == starts.length) {
            grow();
        }
        int at = floor(io) + 1;
        for (long[] column : new long[][] {starts, ends, shifts}) {
            System.arraycopy(column, at, column, at + 1, used - at);
        }
        System.arraycopy(writable, at, writable, at + 1, used - at);
        starts[at] = io;
        ends[at] = io + length;
        shifts[at] = address - io;
        writable[at] = mayWrite;
        used++;
    }

    /// The device may not access what was mapped within a range any more.
    void unmap(long io, long length) {
        int kept = 0;
        for (int i = 0; i < used; i++) {
            if (!within(starts[i], io, length)) {
                starts[kept] = starts[i];
                ends[kept] = ends[i];
                shifts[kept] = shifts[i];
                writable[kept] = writable[i];
                kept++;
            }
        }
        used = kept;
        last = 0;
    }

    /// The address of `length` bytes that the device may read, or 0 if it may not read all of them.
    long readable(long io, long length) {
        return translate(io, length, false);
    }

    /// The address of `length` bytes that the device may write, or 0 if it may not write all of them.
    long writable(long io, long length) {
        return translate(io, length, true);
    }

    static boolean within(long io, long start, long length) {
        return Long.compareUnsigned(io - start, length) < 0;
    }

    private long translate(long io, long length, boolean write) {
        int i = last < used && io >= starts[last] && io < ends[last] ? last : floor(io);
        if (i < 0 || Long.compareUnsigned(io, ends[i]) >= 0) {
            return 0;
        }
        last = i;
        long shift = shifts[i];
        // what continues in the next one must do so in this process as well
        for (; ; i++) {
            if (write && !writable[i]) {
                return 0;
            }
            if (io + length <= ends[i]) {
                return io + shift;
            }
            if (i + 1 == used || starts[i + 1] != ends[i] || shifts[i + 1] != shift) {
                return 0;
            }
        }
    }

    /// The last one that begins at or below an address, or -1.
    private int floor(long io) {
        int low = 0;
        int high = used;
        while (low < high) {
            int middle = low + high >>> 1;
            if (Long.compareUnsigned(starts[middle], io) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private void grow() {
        starts = Arrays.copyOf(starts, 2 * used);
        ends = Arrays.copyOf(ends, 2 * used);
        shifts = Arrays.copyOf(shifts, 2 * used);
        writable = Arrays.copyOf(writable, 2 * used);
    }
}
