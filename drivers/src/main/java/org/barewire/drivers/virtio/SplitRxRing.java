package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESCRIPTOR;
import static org.barewire.drivers.vhost.VirtioNet.DESC_WRITE;
import static org.barewire.drivers.vhost.VirtioNet.RING_ENTRIES;
import static org.barewire.drivers.vhost.VirtioNet.RING_INDEX;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// A receive ring of the split kind (2.7).
class SplitRxRing extends RxRing {
    private final SplitNotification notification;
    final long descriptors;
    private final long available;
    private final long used;
    private int lastUsed; // 16 bits count
    private int availableIndex;

    SplitRxRing(
            RingLayout layout,
            long features,
            PacketPool pool,
            int longestFrame,
            int descriptorsEach,
            Notifier notifier,
            long counters) {
        super(layout, features, pool, longestFrame, descriptorsEach, counters);
        this.notification = new SplitNotification(layout, features, notifier);
        this.descriptors = layout.descriptors();
        this.available = layout.driver();
        this.used = layout.device();
        for (int id = 0; id <= mask; id++) {
            Memory.putInt(descriptors + (long) id * DESCRIPTOR + 8, bufferLength);
            Memory.putShort(descriptors + (long) id * DESCRIPTOR + 12, (short) DESC_WRITE);
        }
    }

    @Override
    int receive(long[] packets, int from, int count) {
        int n = describes ? 0 : receivePlain(packets, from, count);
        if (n < count && isWaiting()) {
            n = receiveUnusual(packets, from, count, n);
        }
        refill();
        return n;
    }

    private int receivePlain(long[] packets, int from, int count) {
        int waiting = usedIndex() - lastUsed & 0xFFFF;
        if (waiting == 0) {
            return 0;
        }
        long[] buffers = this.buffers;
        int[] empty = this.empty;
        int mask = this.mask;
        int headerLength = this.headerLength;
        int longest = this.longest;
        boolean mergeable = this.mergeable;
        long entries = used + RING_ENTRIES;
        int at = lastUsed;
        int end = at + Math.min(Math.min(waiting, count), outstanding());
        int tail = emptyTail;
        int to = from;
        long bytes = 0;
        while (at != end) {
            long element = Memory.getLong(entries + ((long) (at & mask) << 3)); // once: the device may change it
            int id = (int) element;
            int length = (int) (element >>> 32) - headerLength;
            if (Integer.compareUnsigned(id, mask) > 0 || Integer.compareUnsigned(length - 1, longest) >= 0) {
                break;
            }
            long buffer = buffers[id];
            if (buffer == 0 || mergeable && Memory.getShort(Packet.address(buffer) - 2) != 1) {
                break;
            }
            buffers[id] = 0;
            empty[tail++ & mask] = id;
            packets[to++] = buffer | length;
            bytes += length;
            at++;
        }
        lastUsed = at;
        emptyTail = tail;
        Counter.PACKETS.add(counters, to - from);
        Counter.BYTES.add(counters, bytes);
        return to - from;
    }

    @Override
    boolean isWaiting() {
        return usedIndex() != (lastUsed & 0xFFFF);
    }

    @Override
    void setInterrupts(boolean on) {
        notification.setInterrupts(on, lastUsed);
    }

    @Override
    long nextUsed() {
        int index = usedIndex();
        int waiting = index - lastUsed & 0xFFFF;
        if (waiting > outstanding()) {
            Counter.BAD_INDEX.add(counters, 1);
            Counter.ERRORS.add(counters, 1);
            waiting = outstanding();
            lastUsed = index - waiting;
        }
        if (waiting == 0) {
            return NONE;
        }
        return Memory.getLong(used + RING_ENTRIES + ((long) (lastUsed++ & mask) << 3)) & Long.MAX_VALUE;
    }

    private int usedIndex() {
        // acquire: pairs with the device's write of the index after the elements and the packets (2.7.8.2)
        return Memory.getShortAcquire(used + RING_INDEX) & 0xFFFF;
    }

    @Override
    void post(int id, long address) {
        Memory.putLong(descriptors + (long) id * DESCRIPTOR, address);
        Memory.putShort(available + RING_ENTRIES + 2L * (availableIndex++ & mask), (short) id);
    }

    @Override
    void publish() {
        notification.publish(availableIndex);
    }
}
