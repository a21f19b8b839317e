package org.barewire.drivers.memif;

import org.barewire.core.device.Counters;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// The client's end of an S2C ring whose slots are packet buffers: the server writes packets where they stay.
///
/// Which buffer is in a slot is known here and never read from the ring; of a descriptor only the length and
/// the flag count, read once.
final class PlaceReceiver implements Receiver {
    private static final int REFILL = 32; // slots at once

    private final long ring;
    private final int size;
    private final SharedRegions regions;
    private final PacketPool pool;
    private final int capacity;
    private final Doorbell bell;
    private final long counters;
    private final long[] buffers; // of each slot, a packet of length 0
    private int taken; // slots, modulo 2^16
    private int offered; // slots, modulo 2^16

    /// @param event by which the server wakes this side
    PlaceReceiver(long ring, int size, SharedRegions regions, PacketPool pool, EventFd event, long counters) {
        this.ring = ring;
        this.size = size;
        this.regions = regions;
        this.pool = pool;
        this.capacity = pool.capacity();
        this.bell = new Doorbell(ring, event);
        this.counters = counters;
        this.buffers = new long[size];
        bell.ignore();
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        // acquire: pairs with the server's release, before which it has written to the buffers
        int available = (Memory.getShortAcquire(Layout.tail(ring)) - taken) & 0xFFFF;
        int outstanding = (offered - taken) & 0xFFFF;
        int received = 0;
        if (available > outstanding) {
            Counters.add(counters, QueueCounters.BAD_INDEX, 1);
        } else if (available > 0) {
            received = take(packets, from, count, available);
        }
        if (size - (offered - taken & 0xFFFF) >= Math.min(REFILL, size)) {
            refill();
        }
        return received;
    }

    private int take(long[] packets, int from, int count, int available) {
        long[] buffers = this.buffers;
        int mask = size - 1;
        int capacity = this.capacity;
        int slot = taken;
        int last = slot + available;
        int to = from;
        int end = from + count;
        long bytes = 0;
        while (to < end && slot != last) {
            long word = Memory.getLong(Layout.descriptor(ring, slot & mask));
            long length = word >>> 32;
            if ((word & Layout.NEXT) != 0 || length == 0 || length > capacity) {
                int slots = takeUnusual(word, slot, last);
                if (slots == 0) {
                    break;
                }
                long packet = buffers[slot & mask];
                if (packet != 0) {
                    bytes += Metadata.totalLength(packet);
                    packets[to++] = packet;
                }
                slot += slots;
                continue;
            }
            packets[to++] = buffers[slot & mask] & ~0xFFFFL | length; // an earlier look may have left another length
            bytes += length;
            slot++;
        }
        taken = slot & 0xFFFF;
        Counters.add(counters, QueueCounters.BYTES, bytes);
        Counters.add(counters, QueueCounters.PACKETS, to - from);
        return to - from;
    }

    /// Chains the buffers of a packet of several slots, whose first slot then has the packet; or releases
    /// them, counts why, and leaves 0 there.
    ///
    /// @return how many slots there are; 0 if the end is not there yet
    private int takeUnusual(long firstWord, int slot, int last) {
        int mask = size - 1;
        int slots = 0;
        long total = 0;
        int why = -1;
        long word = firstWord;
        while (true) {
            long length = word >>> 32;
            why = length > capacity ? QueueCounters.BAD_BUFFER : length == 0 ? QueueCounters.EMPTY : why;
            buffers[slot + slots & mask] = buffers[slot + slots & mask] & ~0xFFFFL | length & 0xFFFF;
            total += length;
            slots++;
            if ((word & Layout.NEXT) == 0) {
                break;
            }
            if (slot + slots == last) {
                if (slots < (offered - slot & 0xFFFF)) {
                    return 0;
                }
                why = QueueCounters.BAD_CHAIN;
                break;
            }
            word = Memory.getLong(Layout.descriptor(ring, slot + slots & mask));
        }
        if (why < 0 && total > Packet.MAX_LENGTH) {
            why = QueueCounters.TOO_LONG;
        }
        if (why >= 0) {
            Counters.add(counters, why, 1);
            for (int i = 0; i < slots; i++) {
                PacketPool.release(buffers[slot + i & mask]);
            }
            buffers[slot & mask] = 0;
        } else {
            link(slot, slots, (int) total);
        }
        return slots;
    }

    private void link(int slot, int slots, int total) {
        int mask = size - 1;
        long next = 0;
        for (int i = slots - 1; i >= 0; i--) {
            long segment = Metadata.begin(buffers[slot + i & mask]);
            Metadata.setNext(segment, next);
            next = segment;
        }
        Metadata.setTotalLength(next, total);
        buffers[slot & mask] = next;
    }

    /// Offers buffers for all slots that have none, as far as there are any.
    private void refill() {
        long[] buffers = this.buffers;
        int mask = size - 1;
        int slot = offered;
        int missing = size - (slot - taken & 0xFFFF);
        while (missing > 0) {
            int run = Math.min(missing, size - (slot & mask));
            int fresh = pool.allocate(buffers, slot & mask, run);
            for (int i = 0; i < fresh; i++) {
                int at = slot + i & mask;
                long place = regions.find(Packet.address(buffers[at]));
                Layout.write(
                        Layout.descriptor(ring, at),
                        Layout.word(0, (int) (place >>> 32), capacity),
                        place & 0xFFFF_FFFFL);
            }
            slot += fresh;
            missing = fresh < run ? 0 : missing - run;
        }
        offered = slot & 0xFFFF;
        // release: pairs with the server's acquire, after which it reads the descriptors
        Memory.putShortRelease(Layout.head(ring), (short) slot);
    }

    @Override
    public boolean isWaiting() {
        return Memory.getShortAcquire(Layout.tail(ring)) != (short) taken;
    }

    @Override
    public Doorbell bell() {
        return bell;
    }

    @Override
    public void close() {
        for (int slot = taken; (slot & 0xFFFF) != offered; slot++) {
            PacketPool.release(buffers[slot & size - 1] & ~0xFFFFL);
        }
    }
}
