package org.barewire.drivers.vhost;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.barewire.core.memory.Memory;

/// A note of the chains that a split ring's device has in use, in memory that the front end keeps for it: a
/// back end that takes over from one that died begins with them (vhost-user, "Inflight I/O tracking").
///
/// The note is in shared memory and may be wrong; heads that can't be are left out.
final class Inflight {
    private static final int VERSION = 8; // offsets in the queue's region
    private static final int DESCRIPTORS = 10;
    private static final int LAST_BATCH = 12;
    private static final int USED_INDEX = 14;
    static final int ENTRIES = 16;
    static final int ENTRY = 16; // bytes
    private static final int NEXT = 6; // in an entry, which begins with its mark
    private static final int COUNTER = 8;
    private static final int CURRENT_VERSION = 1;

    private final long region;
    private final int size;
    private long counter;

    /// @param region of {@link InflightFile#bytes} bytes
    Inflight(long region, int size) {
        this.region = region;
        this.size = size;
    }

    /// Brings the note into order after a back end has died, or begins a new one.
    ///
    /// @param usedIndex of the ring
    /// @return the heads that were in use, in the order in which they were taken
    int[] recover(int usedIndex) {
        int version = Vring.getShort(region + VERSION);
        if (version == 0) {
            Memory.putShort(region + DESCRIPTORS, (short) size);
            Memory.putShort(region + USED_INDEX, (short) usedIndex);
            Memory.putShortRelease(region + VERSION, (short) CURRENT_VERSION);
            return new int[0];
        }
        if (version != CURRENT_VERSION || Vring.getShort(region + DESCRIPTORS) != size) {
            throw new ProtocolException("a note of chains in flight of another version or size");
        }
        finishLastBatch(usedIndex);
        long[] counters = new long[size];
        boolean[] marked = new boolean[size];
        for (int head = 0; head < size; head++) {
            counters[head] = Memory.getLong(entry(head) + COUNTER);
            marked[head] = Memory.getByte(entry(head)) != 0;
        }
        counter = Arrays.stream(counters).max().orElse(0) + 1;
        return IntStream.range(0, size)
                .filter(head -> marked[head])
                .boxed()
                .sorted(Comparator.comparingLong(head -> counters[head]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// The back end may have died after it had moved the used index and before it took the marks away.
    private void finishLastBatch(int usedIndex) {
        int batch = usedIndex - Vring.getShort(region + USED_INDEX) & 0xFFFF;
        int head = Vring.getShort(region + LAST_BATCH);
        for (int i = 0; i < Math.min(batch, size) && head < size; i++) {
            Memory.putByte(entry(head), (byte) 0);
            head = Vring.getShort(entry(head) + NEXT);
        }
        Memory.putShort(region + USED_INDEX, (short) usedIndex);
    }

    /// Marks chains that have been taken.
    void begin(int[] heads, int count) {
        for (int i = 0; i < count; i++) {
            if (heads[i] < size) {
                Memory.putLong(entry(heads[i]) + COUNTER, counter++);
                Memory.putByte(entry(heads[i]), (byte) 1);
            }
        }
        VarHandle.storeStoreFence(); // before anything is done with them; pairs with recover() of who comes after
    }

    /// Links the chains that are about to be given back. The ring's index is written after it, by release.
    void batch(int[] heads, int count) {
        int last = Vring.getShort(region + LAST_BATCH);
        for (int i = 0; i < count; i++) {
            if (heads[i] < size) {
                Memory.putShort(entry(heads[i]) + NEXT, (short) last);
                last = heads[i];
            }
        }
        Memory.putShort(region + LAST_BATCH, (short) last);
    }

    /// Takes the marks away, when the ring's index has been written.
    void end(int[] heads, int count, int usedIndex) {
        VarHandle.storeStoreFence();
        for (int i = 0; i < count; i++) {
            if (heads[i] < size) {
                Memory.putByte(entry(heads[i]), (byte) 0);
            }
        }
        VarHandle.storeStoreFence();
        Memory.putShort(region + USED_INDEX, (short) usedIndex);
    }

    private long entry(int head) {
        return region + ENTRIES + (long) ENTRY * head;
    }
}
