package org.barewire.sim;

import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;

/// Frames under way, first in, first out, in one piece of memory outside of the heap.
///
/// A record is the frame's length (4 bytes), its marks (4), the time at which it is due (8), and its bytes,
/// padded to 8. It is never split: one that does not fit before the end starts at the beginning, and a record
/// of length {@link #WRAP} says so.
final class FrameRing {
    private static final int HEADER = 16;
    private static final int WRAP = -1;
    private static final long MAX_RECORD = HEADER + Wire.MAX_FRAME;

    private final long memory;
    private final long capacity;
    private long head; // offset of the oldest record
    private long tail; // where the next one goes; equal to head when there is none

    FrameRing(long capacity) {
        this.capacity = capacity;
        memory = OwnMemory.map(mapped(capacity));
    }

    /// Is there room for a frame of any length?
    boolean hasRoom() {
        if (tail < head) {
            return head - tail > MAX_RECORD;
        }
        return capacity - tail >= MAX_RECORD || head > MAX_RECORD;
    }

    /// Adds a record and returns its address. The caller has made sure that there is room, and fills in the
    /// bytes.
    long add(long dueNanos, int length, int marks) {
        long size = size(length);
        if (tail >= head && capacity - tail < size) {
            Memory.putInt(memory + tail, WRAP);
            tail = 0;
        }
        long record = memory + tail;
        Memory.putInt(record, length);
        Memory.putInt(record + 4, marks);
        Memory.putLong(record + 8, dueNanos);
        tail += size;
        return record;
    }

    /// Address of the oldest record, or 0 if there is none.
    long first() {
        if (head == tail) {
            return 0;
        }
        if (Memory.getInt(memory + head) == WRAP) {
            head = 0;
        }
        return memory + head;
    }

    /// Removes the oldest record. An empty ring starts over, on memory that is still in the cache.
    void removeFirst() {
        head += size(length(memory + head));
        if (head == tail) {
            head = 0;
            tail = 0;
        }
    }

    static int length(long record) {
        return Memory.getInt(record);
    }

    static int marks(long record) {
        return Memory.getInt(record + 4);
    }

    static long dueNanos(long record) {
        return Memory.getLong(record + 8);
    }

    /// Address of the frame's bytes.
    static long bytes(long record) {
        return record + HEADER;
    }

    void free() {
        Mman.unmap(memory, mapped(capacity));
    }

    private static long size(int length) {
        return HEADER + (length + 7L & ~7L);
    }

    /// With room behind the end for a mark of {@link #WRAP}.
    private static long mapped(long capacity) {
        return capacity + 4096;
    }
}
