package org.barewire.sim;

import org.barewire.core.memory.Memory;

/// The receive packet buffer (RXPBSIZE, 8.2.3.8.9): frames wait here, in order, for descriptors.
///
/// A ring in the memory given; frames are stored contiguously behind a record of what is known of them.
final class PacketBuffer {
    private static final int HEADER = 32; // length, then a FrameInfo
    private static final int ALIGNMENT = 16;
    private static final int WRAP = -1;

    private final long memory;
    private final int size;
    private int first;
    private int end;
    private int bytes; // of frames, without what it takes to store them here
    private int frames;

    PacketBuffer(long memory, int size) {
        this.memory = memory;
        this.size = size;
    }

    boolean isEmpty() {
        return frames == 0;
    }

    int bytes() {
        return bytes;
    }

    void clear() {
        first = 0;
        end = 0;
        bytes = 0;
        frames = 0;
    }

    /// Stores a frame; false if the memory is full.
    boolean add(FrameInfo frame, long from, int length) {
        int needed = HEADER + (length + ALIGNMENT - 1 & -ALIGNMENT);
        if (frames == 0) {
            first = 0;
            end = 0;
        }
        boolean wrapped = end < first || end == first && frames > 0;
        if (!wrapped && end + needed > size) {
            if (needed > first) {
                return false;
            }
            if (end < size) {
                Memory.putInt(memory + end, WRAP);
            }
            end = 0;
        } else if (wrapped && end + needed > first) {
            return false;
        }
        long record = memory + end;
        Memory.putInt(record, length);
        frame.save(record + 8);
        Memory.copy(from, record + HEADER, length);
        end += needed;
        bytes += length;
        frames++;
        return true;
    }

    /// Length of the oldest frame; its record is loaded into `frame`.
    int peek(FrameInfo frame) {
        if (first == size || Memory.getInt(memory + first) == WRAP) {
            first = 0;
        }
        frame.load(memory + first + 8);
        return Memory.getInt(memory + first);
    }

    /// Where the oldest frame's bytes are, after {@link #peek}.
    long content() {
        return memory + first + HEADER;
    }

    void remove() {
        int length = Memory.getInt(memory + first);
        first += HEADER + (length + ALIGNMENT - 1 & -ALIGNMENT);
        bytes -= length;
        frames--;
    }
}
