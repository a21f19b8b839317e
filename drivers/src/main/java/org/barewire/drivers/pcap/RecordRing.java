package org.barewire.drivers.pcap;

import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;

/// Records on their way from a thread that must not wait to one that writes them to a file. They lie behind
/// one another as in the file, each in one piece.
///
/// Positions count bytes and only grow. Where a record does not fit in front of the end of the ring the rest
/// is left out, and {@link #GAP} is where it begins; a second gap cannot come about before the reader has
/// passed the first, since the ring is no longer than the way between them.
final class RecordRing implements AutoCloseable {
    // In front of the records: what the sending thread writes, then what the reading one writes.
    private static final int WRITTEN = 0;
    private static final int GAP = 8;
    private static final int READ = 128;
    private static final int RECORDS = 256;

    private final RecordFormat format;
    private final int snapLength;
    private final int capacity;
    private final long address;
    private final long records;

    // Of the sending thread.
    private long written;
    private long readSeen;

    /// @param capacity bytes, a power of two of at least 1 MiB
    RecordRing(RecordFormat format, int snapLength, int capacity) {
        this.format = format;
        this.snapLength = snapLength;
        this.capacity = capacity;
        int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_POPULATE;
        address = Mman.map(0, RECORDS + (long) capacity, Mman.PROT_READ | Mman.PROT_WRITE, flags, -1, 0);
        records = address + RECORDS;
        Memory.putLong(address + GAP, -1);
    }

    /// Puts a packet with all its segments in, for the reader to see after {@link #publish}; says whether
    /// there was room.
    ///
    /// @param original bytes of all its segments
    boolean offer(long timeNanos, long packet, int original) {
        int captured = Math.min(original, snapLength);
        int length = format.recordLength(captured);
        int offset = (int) written & capacity - 1;
        int skipped = capacity - offset < length ? capacity - offset : 0;
        long end = written + skipped + length;
        if (end - readSeen > capacity) {
            // acquire: pairs with the release in remove(), before which the reader has read the records
            readSeen = Memory.getLongAcquire(address + READ);
            if (end - readSeen > capacity) {
                return false;
            }
        }
        if (skipped != 0) {
            // Ordered before WRITTEN's release, and not seen before it by a reader, which is short of this position.
            Memory.putLong(address + GAP, written);
            offset = 0;
        }
        long record = records + offset;
        format.frame(record, timeNanos, captured, original);
        copy(packet, record + format.headerLength(), captured);
        written = end;
        return true;
    }

    private static void copy(long packet, long to, int length) {
        int copied = Math.min(Packet.length(packet), length);
        Memory.copy(Packet.address(packet), to, copied);
        for (long segment = Packet.next(packet); copied < length; segment = Packet.next(segment)) {
            int bytes = Math.min(Packet.length(segment), length - copied);
            Memory.copy(Packet.address(segment), to + copied, bytes);
            copied += bytes;
        }
    }

    /// Shows what was put in to the reader.
    void publish() {
        // release: pairs with the acquire in available(), whose thread then reads the records
        Memory.putLongRelease(address + WRITTEN, written);
    }

    /// How many bytes of whole records lie behind one another from {@link #next} on. For the reading thread.
    int available() {
        long read = Memory.getLong(address + READ);
        // acquire: pairs with the release in publish()
        long end = Memory.getLongAcquire(address + WRITTEN);
        long gap = Memory.getLong(address + GAP);
        if (gap == read && end != read) {
            read += capacity - ((int) read & capacity - 1);
            Memory.putLongRelease(address + READ, read);
        } else if (gap > read && gap < end) {
            end = gap;
        }
        int toEnd = capacity - ((int) read & capacity - 1);
        return (int) Math.min(end - read, toEnd);
    }

    /// The oldest record, if any is {@linkplain #available available}.
    long next() {
        return records + ((int) Memory.getLong(address + READ) & capacity - 1);
    }

    /// Makes room of the oldest `bytes`.
    void remove(long bytes) {
        // release: pairs with the acquire in offer(), whose thread then overwrites the records
        Memory.putLongRelease(address + READ, Memory.getLong(address + READ) + bytes);
    }

    /// Frees the memory. Both threads have stopped.
    @Override
    public void close() {
        Mman.unmap(address, RECORDS + (long) capacity);
    }
}
