package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESC_AVAIL;
import static org.barewire.drivers.vhost.VirtioNet.DESC_USED;
import static org.barewire.drivers.vhost.VirtioNet.DESC_WRITE;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// A receive ring of the packed kind (2.8): the device overwrites available descriptors by used ones.
///
/// Positions count without end; the wrap counter is the parity of how often the ring has been gone through.
final class PackedRxRing extends RxRing {
    private static final long USED_BITS = (long) (DESC_AVAIL | DESC_USED) << 48;

    private final PackedNotification notification;
    private final long ring;
    private int next; // position of the next used descriptor
    private int available; // position of the next descriptor to be made available

    PackedRxRing(
            RingLayout layout, long features, PacketPool pool, int longestFrame, Notifier notifier, long counters) {
        super(layout, features, pool, longestFrame, 1, counters);
        this.notification = new PackedNotification(layout, features, notifier);
        this.ring = layout.descriptors();
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
        long[] buffers = this.buffers;
        int[] empty = this.empty;
        int mask = this.mask;
        int headerLength = this.headerLength;
        int longest = this.longest;
        boolean mergeable = this.mergeable;
        int at = next;
        int end = at + Math.min(count, available - at);
        int tail = emptyTail;
        int to = from;
        long bytes = 0;
        while (at != end) {
            long word = word(at);
            int id = (int) (word >>> 32) & 0xFFFF;
            int length = (int) word - headerLength;
            if (!isUsed(word, at, mask) || id > mask || Integer.compareUnsigned(length - 1, longest) >= 0) {
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
        next = at;
        emptyTail = tail;
        if (to > from) {
            Counter.PACKETS.add(counters, to - from);
            Counter.BYTES.add(counters, bytes);
        }
        return to - from;
    }

    @Override
    boolean isWaiting() {
        return isUsed(word(next), next, mask);
    }

    @Override
    void setInterrupts(boolean on) {
        notification.setInterrupts(on);
    }

    @Override
    long nextUsed() {
        long word = word(next);
        if (!isUsed(word, next, mask) || next == available) {
            return NONE;
        }
        next++;
        return word << 32 & Long.MAX_VALUE | word >>> 32 & 0xFFFF;
    }

    /// Length, id and flags of a descriptor.
    private long word(int position) {
        // acquire: pairs with the device's write of the flags after the rest and the packet (2.8.21)
        return Memory.getLongAcquire(ring + ((long) (position & mask) << 4) + 8);
    }

    /// Both bits equal the wrap counter, which is 1 in the first round (2.8.1).
    static boolean isUsed(long word, int position, int mask) {
        long wrapped = (position & mask + 1) == 0 ? USED_BITS : 0;
        return ((word ^ wrapped) & USED_BITS) == 0;
    }

    /// The flags that make a descriptor available: one bit equals the wrap counter, the other is its inverse.
    static long availableBits(int position, int mask) {
        return (position & mask + 1) == 0 ? DESC_AVAIL : DESC_USED;
    }

    @Override
    void post(int id, long address) {
        long descriptor = ring + ((long) (available & mask) << 4);
        long flags = availableBits(available, mask) | DESC_WRITE;
        Memory.putLong(descriptor, address);
        // release: pairs with the device's read of the flags before the rest (2.8.21)
        Memory.putLongRelease(descriptor + 8, flags << 48 | (long) id << 32 | bufferLength);
        available++;
    }

    @Override
    void publish() {
        notification.published(available);
    }
}
