package org.barewire.drivers.vhost;

import org.barewire.core.memory.Memory;

/// A burst of descriptor chains, taken off a ring: each is a list of parts, which have been checked to lie in
/// the guest's memory and been translated to addresses of this process. A chain that was not in order has no
/// part.
///
/// Descriptors are read from shared memory once, into here, and never looked at again; the driver may change
/// them meanwhile as it likes.
final class Chains {
    /// The most chains of a burst.
    static final int MOST = 64;
    /// The most parts of a chain: what QEMU's front ends use at most.
    static final int MOST_PARTS = 1024;
    /// A burst ends with the chain that brings its parts to {@link #MOST_PARTS} or more.
    private static final int ROOM = 2 * MOST_PARTS + MOST;

    final long[] address = new long[ROOM];
    final int[] length = new int[ROOM]; // of a part; not negative
    final int[] first = new int[MOST + 1]; // part of each chain; the next chain's is the end
    final int[] id = new int[MOST]; // what the driver knows the chain by
    final int[] slots = new int[MOST]; // descriptors on a packed ring
    final int[] written = new int[MOST]; // bytes that the device put in, for the driver
    private int part; // where the byte stream of a chain is read or written
    private int offset;
    private int end;

    /// Bytes in all parts of a chain. A chain of 1,024 parts can have more than an `int` holds.
    long total(int chain) {
        long total = 0;
        for (int i = first[chain]; i < first[chain + 1]; i++) {
            total += length[i];
        }
        return total;
    }

    /// Starts reading or writing the bytes of chains `from` to `to`, both included, as one stream.
    void seek(int from, int to) {
        part = first[from];
        offset = 0;
        end = first[to + 1];
    }

    /// Moves the next bytes of the stream to packet memory. There must be so many.
    void read(long to, int count) {
        int done = 0;
        while (done < count) {
            int step = step(count - done);
            Memory.copyApart(address[part] + offset, to + done, step);
            offset += step;
            done += step;
        }
    }

    /// Moves bytes from packet memory to the stream, which must have room.
    void write(long from, int count) {
        int done = 0;
        while (done < count) {
            int step = step(count - done);
            Memory.copyApart(from + done, address[part] + offset, step);
            offset += step;
            done += step;
        }
    }

    /// The next `count` bytes, up to 8, of the stream as a number in the machine's order.
    long readNumber(int count) {
        long number = 0;
        for (int i = 0; i < count; i++) {
            step(1);
            number |= (Memory.getByte(address[part] + offset++) & 0xFFL) << 8 * i;
        }
        return number;
    }

    /// Writes the lowest `count` bytes, up to 8, of a number.
    void writeNumber(long number, int count) {
        for (int i = 0; i < count; i++) {
            step(1);
            Memory.putByte(address[part] + offset++, (byte) (number >>> 8 * i));
        }
    }

    /// Goes on to the part with the next byte; how much of `wanted` it has.
    private int step(int wanted) {
        while (offset == length[part]) {
            part++;
            offset = 0;
            if (part == end) {
                throw new IllegalStateException("beyond the end of a chain, which has been measured before");
            }
        }
        return Math.min(wanted, length[part] - offset);
    }
}
