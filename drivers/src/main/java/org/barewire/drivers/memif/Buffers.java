package org.barewire.drivers.memif;

import org.barewire.core.memory.Memory;

/// Where the buffers of a ring's slots are, for a side that copies.
///
/// A client knows its own, and does not read what descriptors say of them, since the server can write there.
/// A server has to believe its client as far as the regions go that were mapped.
final class Buffers {
    private final long first; // of a client's buffers; 0 for a server
    private final int size;
    private final long[] regions;
    private final long[] lengths;

    private Buffers(long first, int size, long[] regions, long[] lengths) {
        this.first = first;
        this.size = size;
        this.regions = regions;
        this.lengths = lengths;
    }

    /// A client's: of `size` bytes, slot by slot from `first` on.
    static Buffers own(long first, int size) {
        return new Buffers(first, size, new long[0], new long[0]);
    }

    /// A server's: in the regions that its client has sent.
    static Buffers peers(long[] regions, long[] lengths) {
        return new Buffers(0, 0, regions, lengths);
    }

    boolean areOwn() {
        return first != 0;
    }

    /// Bytes of each of a client's buffers.
    int size() {
        return size;
    }

    /// The address of a slot's buffer, of which `length` bytes are to be used; 0 if there are not so many.
    ///
    /// @param word of the slot's descriptor, as it was read
    long locate(int slot, long descriptor, long word, long length) {
        if (first != 0) {
            return length <= size ? first + (long) slot * size : 0;
        }
        int region = (int) (word >>> 16) & 0xFFFF;
        if (region >= regions.length) {
            return 0;
        }
        long offset = Layout.offset(descriptor);
        return offset + length <= lengths[region] ? regions[region] + offset : 0;
    }

    /// Bytes that can be put into a slot's buffer.
    long room(long word) {
        return first != 0 ? size : word >>> 32;
    }

    /// Copies, fast where there is little: two words at a time, the last two overlapping those before. What
    /// ends the loop is not a count: the compiler would split it in three, which costs short ones dearly.
    static void copy(long from, long to, int length) {
        if (length > 256 || length < 16) {
            Memory.copy(from, to, length);
            return;
        }
        long ahead = to - from;
        long last = from + length - 16;
        long end = from + (length - 1 & -16);
        for (long at = from; at != end; at += 16) {
            copyWords(at, ahead);
        }
        copyWords(last, ahead);
    }

    private static void copyWords(long from, long ahead) {
        long first = Memory.getLong(from);
        long second = Memory.getLong(from + 8);
        Memory.putLong(from + ahead, first);
        Memory.putLong(from + ahead + 8, second);
    }
}
