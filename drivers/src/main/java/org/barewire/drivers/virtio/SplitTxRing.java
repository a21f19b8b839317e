package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESCRIPTOR;
import static org.barewire.drivers.vhost.VirtioNet.DESC_NEXT;
import static org.barewire.drivers.vhost.VirtioNet.RING_ENTRIES;
import static org.barewire.drivers.vhost.VirtioNet.RING_INDEX;

import java.util.Arrays;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;

/// A transmit ring of the split kind (2.7). A packet's id is that of its first descriptor.
final class SplitTxRing extends TxRing {
    private static final int END = -1;
    private static final int CLEAN_STEP = 64;

    private final SplitNotification notification;
    private final long descriptors;
    private final long available;
    private final long used;
    private final int[] links; // by id, the packet's next descriptor, or END: what the device sees is not trusted
    private int lastUsed; // 16 bits count

    SplitTxRing(RingLayout layout, long features, int longest, Notifier notifier, long counters) {
        super(layout, features, longest, counters);
        this.notification = new SplitNotification(layout, features, notifier);
        this.descriptors = layout.descriptors();
        this.available = layout.driver();
        this.used = layout.device();
        this.links = new int[layout.size()];
        Arrays.fill(links, END);
    }

    @Override
    int send(long[] out, int from, int count) {
        if (sent - completed >= CLEAN_STEP) {
            clean();
        }
        int n = headerApart ? 0 : sendPlain(out, from, count);
        return n < count ? sendUnusual(out, from, count, n) : n;
    }

    private int sendPlain(long[] out, int from, int count) {
        long[] packets = this.packets;
        int[] free = this.free;
        int[] order = this.order;
        int mask = this.mask;
        int headerLength = this.headerLength;
        int longest = this.longest;
        long descriptors = this.descriptors;
        long entries = available + RING_ENTRIES;
        int head = freeHead;
        int index = sent;
        int taken = from;
        int end = from + Math.min(count, freeTail - head);
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
            order[index & mask] = id;
            long descriptor = descriptors + (long) id * DESCRIPTOR;
            Memory.putLong(descriptor, Packet.ioAddress(packet) - headerLength);
            Memory.putLong(descriptor + 8, length + headerLength);
            Memory.putShort(entries + 2L * (index++ & mask), (short) id);
            bytes += length;
            taken++;
        }
        freeHead = head;
        sent = index;
        int n = taken - from;
        if (n > 0) {
            publish();
            Counter.PACKETS.add(counters, n);
            Counter.BYTES.add(counters, bytes);
        }
        return n;
    }

    @Override
    void write(long packet, long[] addresses, int[] lengths, int entries, int flags) {
        int first = free[freeHead & mask];
        packets[first] = packet;
        for (int i = 0; i < entries; i++) {
            int id = free[freeHead++ & mask];
            boolean last = i == entries - 1;
            int next = last ? END : free[freeHead & mask];
            links[id] = next;
            long word = last ? (long) flags << 32 : (long) next << 48 | (long) DESC_NEXT << 32;
            Memory.putLong(descriptors + (long) id * DESCRIPTOR, addresses[i]);
            Memory.putLong(descriptors + (long) id * DESCRIPTOR + 8, word | lengths[i]);
        }
        order[sent & mask] = first;
        Memory.putShort(available + RING_ENTRIES + 2L * (sent & mask), (short) first);
        sent++;
    }

    @Override
    void publish() {
        notification.publish(sent);
    }

    @Override
    int room() {
        return freeTail - freeHead;
    }

    @Override
    void clean() {
        // acquire: pairs with the device's write of the index after it has read the packets (2.7.8.2)
        int index = Memory.getShortAcquire(used + RING_INDEX) & 0xFFFF;
        int waiting = index - lastUsed & 0xFFFF;
        if (waiting > sent - completed) {
            refuse(Counter.BAD_INDEX);
            waiting = sent - completed;
            lastUsed = index - waiting;
        }
        for (; waiting > 0; waiting--) {
            // an in-order device may have written the last element of a batch only (2.7.9)
            int id = inOrder
                    ? order[completed & mask]
                    : Memory.getInt(used + RING_ENTRIES + ((long) (lastUsed & mask) << 3));
            lastUsed++;
            if (complete(id)) {
                for (int descriptor = id; descriptor != END; ) {
                    free[freeTail++ & mask] = descriptor;
                    int next = links[descriptor];
                    links[descriptor] = END;
                    descriptor = next;
                }
            }
        }
        flush();
    }
}
