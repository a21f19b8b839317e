package org.barewire.cli;

import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;

/// Copies of packets on their way from one thread, which must not wait, to another, which may.
///
/// Outside the heap, so that what is read is a packet again. Records lie behind one another, each in one
/// piece and a multiple of 8 bytes long:
///
/// | bytes | field |
/// |---|---|
/// | 0–3 | bytes captured, or -1: the next record is at the start of the ring |
/// | 4–7 | bytes of the packet |
/// | 8–15 | time, in nanoseconds since 1970 |
/// | 16– | the bytes |
final class CaptureRing implements AutoCloseable {
    private static final int ORIGINAL = 4;
    private static final int TIME = 8;
    private static final int DATA = 16;
    private static final int WRAP = -1;

    // In front of the records, positions that only grow: the writer's in one cache line, the reader's in another.
    private static final int WRITTEN = 0;
    private static final int READ_SEEN = 8; // what the writer knows of the reader's position
    private static final int READ = 128;
    private static final int RECORDS = 256;

    private final long address;
    private final long records;
    private final int capacity;
    private final int snapLength;

    /// @param capacity   bytes, a power of two
    /// @param snapLength what is kept of each packet at most, 1 to {@link Packet#MAX_LENGTH} bytes
    CaptureRing(int capacity, int snapLength) {
        if (Integer.bitCount(capacity) != 1 || capacity < DATA + snapLength + 8) {
            throw new IllegalArgumentException("a ring of %d bytes".formatted(capacity));
        }
        this.capacity = capacity;
        this.snapLength = snapLength;
        int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_POPULATE;
        address = Mman.map(0, RECORDS + capacity, Mman.PROT_READ | Mman.PROT_WRITE, flags, -1, 0);
        records = address + RECORDS;
    }

    /// Copies a packet with all its segments in; says whether there was room. For the writing thread.
    boolean offer(long timeNanos, long packet) {
        int original = Packet.totalLength(packet);
        int captured = Math.min(original, snapLength);
        int length = DATA + (captured + 7 & -8);
        long written = Memory.getLong(address + WRITTEN);
        int offset = (int) written & capacity - 1;
        int skipped = capacity - offset < length ? capacity - offset : 0;
        if (!hasRoom(written + skipped + length)) {
            return false;
        }
        if (skipped != 0) {
            Memory.putInt(records + offset, WRAP);
            offset = 0;
        }
        long record = records + offset;
        Memory.putInt(record, captured);
        Memory.putInt(record + ORIGINAL, original);
        Memory.putLong(record + TIME, timeNanos);
        copy(packet, record + DATA, captured);
        // release: pairs with the acquire in next(), whose thread then reads the record
        Memory.putLongRelease(address + WRITTEN, written + skipped + length);
        return true;
    }

    /// Can the writer go on to this position without overtaking the reader?
    private boolean hasRoom(long end) {
        if (end - Memory.getLong(address + READ_SEEN) > capacity) {
            // acquire: pairs with the release in remove(), before which the reader has read the record
            Memory.putLong(address + READ_SEEN, Memory.getLongAcquire(address + READ));
        }
        return end - Memory.getLong(address + READ_SEEN) <= capacity;
    }

    private static void copy(long packet, long to, int length) {
        long segment = packet;
        int copied = 0;
        while (segment != 0 && copied < length) {
            int count = Math.min(Packet.length(segment), length - copied);
            Memory.copy(Packet.address(segment), to + copied, count);
            copied += count;
            segment = Packet.hasMetadata(segment) ? Metadata.next(segment) : 0;
        }
    }

    /// The oldest packet, valid until {@link #remove}, or 0. For the reading thread.
    long next() {
        long read = Memory.getLong(address + READ);
        // acquire: pairs with the release in offer()
        if (Memory.getLongAcquire(address + WRITTEN) == read) {
            return 0;
        }
        int offset = (int) read & capacity - 1;
        if (Memory.getInt(records + offset) == WRAP) {
            Memory.putLongRelease(address + READ, read + capacity - offset);
        }
        long record = record();
        return Packet.of(record + DATA, Memory.getInt(record));
    }

    /// Bytes that the packet of {@link #next} had before it was cut to the snap length.
    int originalLength() {
        return Memory.getInt(record() + ORIGINAL);
    }

    /// When the packet of {@link #next} was received, in nanoseconds since 1970.
    long timeNanos() {
        return Memory.getLong(record() + TIME);
    }

    /// Makes room of the packet of {@link #next}.
    void remove() {
        int length = DATA + (Memory.getInt(record()) + 7 & -8);
        // release: pairs with the acquire in hasRoom(), whose thread then overwrites the record
        Memory.putLongRelease(address + READ, Memory.getLong(address + READ) + length);
    }

    private long record() {
        return records + ((int) Memory.getLong(address + READ) & capacity - 1);
    }

    /// Frees the memory. Both threads have stopped.
    @Override
    public void close() {
        Mman.unmap(address, RECORDS + capacity);
    }
}
