package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESC_NEXT;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;

/// A transmit ring of the packed kind (2.8). Positions count without end, as in {@link PackedRxRing}.
final class PackedTxRing extends TxRing {
    private static final int CLEAN_STEP = 64;

    private final PackedNotification notification;
    private final long ring;
    private final int[] slots; // by id, how many descriptors the packet takes
    private int next; // position of the next descriptor to be made available
    private int nextUsed; // where the device writes the next used descriptor

    PackedTxRing(RingLayout layout, long features, int longest, Notifier notifier, long counters) {
        super(layout, features, longest, counters);
        this.notification = new PackedNotification(layout, features, notifier);
        this.ring = layout.descriptors();
        this.slots = new int[layout.size()];
    }

    @Override
    int send(long[] out, int from, int count) {
        if (sent - completed >= CLEAN_STEP) {
            clean();
        }
        int n = sendPlain(out, from, count);
        return n < count ? sendUnusual(out, from, count, n) : n;
    }

    private int sendPlain(long[] out, int from, int count) {
        long[] packets = this.packets;
        int[] free = this.free;
        int[] order = this.order;
        int[] slots = this.slots;
        int mask = this.mask;
        int headerLength = this.headerLength;
        int longest = this.longest;
        long ring = this.ring;
        int head = freeHead;
        int index = sent;
        int position = next;
        int taken = from;
        int end = from + Math.min(count, Math.min(room(), freeTail - head));
        long bytes = 0;
        while (taken != end) {
            long packet = out[taken];
            int length = (int) packet & 0xFFFF;
            if (packet < 0 || Integer.compareUnsigned(length - 1, longest) >= 0) {
                break;
            }
            clearHeader(packet);
            int id = free[head++ & mask];
            packets[id] = packet;
            slots[id] = 1;
            order[index++ & mask] = id;
            long descriptor = ring + ((long) (position & mask) << 4);
            long flags = PackedRxRing.availableBits(position, mask);
            Memory.putLong(descriptor, Packet.ioAddress(packet) - headerLength);
            // release: pairs with the device's read of the flags before the rest and the packet (2.8.21)
            Memory.putLongRelease(descriptor + 8, flags << 48 | (long) id << 32 | length + headerLength);
            position++;
            bytes += length;
            taken++;
        }
        freeHead = head;
        sent = index;
        next = position;
        int n = taken - from;
        if (n > 0) {
            publish();
            Counter.PACKETS.add(counters, n);
            Counter.BYTES.add(counters, bytes);
        }
        return n;
    }

    /// The first descriptor is made available last: the device takes the whole chain when it sees that one
    /// (2.8.21).
    @Override
    void write(long packet, long[] addresses, int[] lengths, int entries, int flags) {
        int id = free[freeHead++ & mask];
        packets[id] = packet;
        slots[id] = entries;
        order[sent++ & mask] = id;
        for (int i = entries - 1; i >= 0; i--) {
            long descriptor = ring + ((long) (next + i & mask) << 4);
            long bits = PackedRxRing.availableBits(next + i, mask) | (i == entries - 1 ? flags : DESC_NEXT);
            Memory.putLong(descriptor, addresses[i]);
            Memory.putLongRelease(descriptor + 8, bits << 48 | (long) id << 32 | lengths[i]); // release: as above
        }
        next += entries;
    }

    @Override
    void publish() {
        notification.published(next);
    }

    @Override
    int room() {
        return mask + 1 - (next - nextUsed);
    }

    @Override
    void clean() {
        while (next - nextUsed > 0) {
            // acquire: pairs with the device's write of the flags after it has read the packet (2.8.21)
            long word = Memory.getLongAcquire(ring + ((long) (nextUsed & mask) << 4) + 8);
            if (!PackedRxRing.isUsed(word, nextUsed, mask)) {
                break;
            }
            int id = (int) (word >>> 32) & 0xFFFF;
            if (id > mask || packets[id] == 0) {
                refuse(Counter.BAD_ID);
                nextUsed++;
            } else if (inOrder) {
                completeUpTo(id);
            } else {
                finish(id);
            }
        }
        flush();
    }

    /// An in-order device may write one used descriptor for a batch, with the id of the last (2.8.9).
    private void completeUpTo(int id) {
        int first;
        do {
            first = order[completed & mask];
            finish(first);
        } while (first != id);
    }

    private void finish(int id) {
        if (complete(id)) {
            nextUsed += Math.min(slots[id], next - nextUsed); // less than that only after a bad id
            free[freeTail++ & mask] = id;
        }
    }
}
