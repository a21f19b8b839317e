package org.barewire.drivers.vhost;

import static org.barewire.core.linux.Mman.MAP_SHARED;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;
import org.jspecify.annotations.Nullable;

/// A guest's memory and rings, written by hand: the driver's side of a test.
///
/// Two regions, which follow one another in the guest's addresses and nowhere else. Ring `n` has a piece of
/// the first one for itself, with {@link #SIZE} descriptors; buffers are in the rest.
final class Guest implements AutoCloseable {
    static final int SIZE = 64;
    static final long START = 0x1_0000_0000L; // as descriptors have it
    static final long USER = 0x7F00_0000_0000L; // as ring addresses have it
    static final long REGION = 1 << 20;
    static final long END = START + 2 * REGION;
    static final long BUFFERS = START + 0x20000;
    static final int BUFFER = 4096;

    static final int WRITE = VirtioNet.DESC_WRITE;
    static final int NEXT = VirtioNet.DESC_NEXT;
    static final int INDIRECT = VirtioNet.DESC_INDIRECT;

    private static final long RING = 0x4000; // bytes of a ring's piece
    private static final long AVAILABLE = 0x1000;
    private static final long USED = 0x2000;

    final List<Integer> files = new ArrayList<>();
    private final List<Long> mapped = new ArrayList<>();
    final GuestMemory memory;

    Guest() {
        List<GuestRegion> regions = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int fd = Mman.memfd("guest", 0);
            Fd.truncate(fd, REGION);
            files.add(fd);
            mapped.add(Mman.map(0, REGION, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
            regions.add(GuestRegion.map(fd, START + i * REGION, REGION, USER + 4L * i * REGION, 0));
        }
        memory = new GuestMemory(regions);
    }

    /// Where the test finds what the guest has at an address.
    long at(long guest) {
        long offset = guest - START;
        return mapped.get((int) (offset / REGION)) + offset % REGION;
    }

    /// The guest's address of a ring's descriptors.
    static long descriptors(int ring) {
        return START + ring * RING;
    }

    static long available(int ring) {
        return descriptors(ring) + AVAILABLE;
    }

    static long used(int ring) {
        return descriptors(ring) + USED;
    }

    /// The guest's address of buffer `index` of a ring, of {@link #BUFFER} bytes.
    static long buffer(int ring, int index) {
        return BUFFERS + (long) (ring * SIZE + index) * BUFFER;
    }

    RingSetup setup(int ring, long features, int base, VhostQueue queue, @Nullable Inflight inflight) {
        return new RingSetup(
                SIZE,
                ring % 2 == 0,
                memory,
                memory.ringAddress("descriptors", USER + descriptors(ring) - START, 16L * SIZE, 16),
                memory.ringAddress("available", USER + available(ring) - START, 4, 4),
                memory.ringAddress("used", USER + used(ring) - START, 4, 4),
                base,
                features,
                queue.counters,
                inflight,
                null);
    }

    /// Writes a descriptor of a split ring, or of any table.
    void descriptor(long table, int index, long address, long length, int flags, int next) {
        long descriptor = at(table) + 16L * index;
        Memory.putLong(descriptor, address);
        Memory.putLong(descriptor + 8, length & 0xFFFF_FFFFL | (long) flags << 32 | (long) next << 48);
    }

    /// Makes chains of a split ring available, by their heads.
    void offer(int ring, int... heads) {
        long available = at(available(ring));
        int index = Memory.getShort(available + 2) & 0xFFFF;
        for (int head : heads) {
            Memory.putShort(available + 4 + 2L * (index++ % SIZE), (short) head);
        }
        Memory.putShortRelease(available + 2, (short) index);
    }

    void setAvailableIndex(int ring, int index) {
        Memory.putShort(at(available(ring)) + 2, (short) index);
    }

    int usedIndex(int ring) {
        return Memory.getShortAcquire(at(used(ring)) + 2) & 0xFFFF;
    }

    /// Entry `index` of a split ring's used ring: the length in the upper half, the head in the lower.
    long used(int ring, int index) {
        return Memory.getLong(at(used(ring)) + 4 + 8L * (index % SIZE));
    }

    /// Writes a descriptor of an indirect table of a packed ring.
    void packedEntry(long table, int index, long address, long length, int flags) {
        Memory.putLong(at(table) + 16L * index, address);
        Memory.putLong(at(table) + 16L * index + 8, length | (long) flags << 48);
    }

    /// Writes an available descriptor of a packed ring in its first round.
    void packed(int ring, int slot, long address, long length, int flags, int id) {
        long descriptor = at(descriptors(ring)) + 16L * slot;
        Memory.putLong(descriptor, address);
        Memory.putLong(
                descriptor + 8, length & 0xFFFF_FFFFL | (long) id << 32 | (long) (flags | VirtioNet.DESC_AVAIL) << 48);
    }

    /// Makes a packed ring's descriptor one of a round in which the wrap counter is 0.
    void turn(int ring, int slot) {
        long address = at(descriptors(ring)) + 16L * slot + 8;
        long both = VirtioNet.DESC_AVAIL | VirtioNet.DESC_USED;
        Memory.putLong(address, Memory.getLong(address) ^ both << 48);
    }

    void clearRings() {
        Memory.fill(at(START), 2 * RING, (byte) 0);
    }

    /// The upper half of a packed ring's descriptor: flags 16, id 16, length 32.
    long packed(int ring, int slot) {
        return Memory.getLong(at(descriptors(ring)) + 16L * slot + 8);
    }

    /// Fills a buffer with a header that asks for nothing and a frame of `length` bytes that all have one
    /// value.
    void frame(long buffer, int length, int value) {
        Memory.fill(at(buffer), VirtioNet.HEADER, (byte) 0);
        Memory.fill(at(buffer) + VirtioNet.HEADER, length, (byte) value);
    }

    byte[] bytes(long guest, int length) {
        byte[] bytes = new byte[length];
        Memory.copy(at(guest), bytes, 0, length);
        return bytes;
    }

    @Override
    public void close() {
        memory.unmapAllBut(GuestMemory.NONE);
        mapped.forEach(address -> Mman.unmap(address, REGION));
        files.forEach(Fd::close);
    }
}
