package org.barewire.drivers.vhost;

import org.barewire.core.memory.Memory;
import org.jspecify.annotations.Nullable;

/// A split ring (2.7): a descriptor table, and rings of available and of used chains' heads.
final class SplitRing extends Vring {
    private static final int USED_ENTRY = 8;

    private final long table;
    private final long available;
    private final long used;
    private final long availableEvent; // which chain the driver is to notify of; if both can that
    private final int mask;
    private final @Nullable Inflight inflight;
    private final int[] pending; // heads to begin with, that an earlier back end had in use
    private int pendingNext;
    private boolean fromPending; // the burst that was gathered
    private int next; // of the available ring
    private int usedIndex;
    private int usedBefore; // the last burst
    private int badIndex = -1; // which has been counted

    SplitRing(RingSetup setup) {
        super(setup);
        this.table = setup.descriptor();
        this.available = setup.driver();
        this.used = setup.device();
        this.availableEvent = used + VirtioNet.RING_ENTRIES + (long) USED_ENTRY * size;
        this.mask = size - 1;
        this.inflight = setup.inflight();
        this.usedIndex = getShort(used + VirtioNet.RING_INDEX);
        this.pending = inflight == null ? new int[0] : inflight.recover(usedIndex);
        // and not VRING_BASE, for which DPDK's front end says 0 when its back end has died: chains are given
        // back in order and at once, so the used index tells
        this.next = usedIndex + pending.length & 0xFFFF;
        this.usedBefore = usedIndex;
        Memory.putShort(used + VirtioNet.RING_FLAGS, (short) 0); // with indexes it stays that (2.7.10.2)
        ask(false);
    }

    /// With indexes there is no way to want none: then the driver notifies once in 65,536 chains (2.7.10).
    @Override
    void ask(boolean notify) {
        if (eventIndex) {
            Memory.putShort(availableEvent, (short) (notify ? next : next - 1));
        } else {
            Memory.putShort(used + VirtioNet.RING_FLAGS, (short) (notify ? 0 : VirtioNet.RING_NO_NOTIFY));
        }
    }

    @Override
    boolean isWaiting() {
        int ready = availableIndex() - next & 0xFFFF;
        return pendingNext < pending.length || ready > 0 && ready <= size;
    }

    private int availableIndex() {
        // acquire: pairs with the driver's write of the index after entries and descriptors (2.7.13.3)
        return Memory.getShortAcquire(available + VirtioNet.RING_INDEX) & 0xFFFF;
    }

    @Override
    int gather(int most) {
        int count = heads(Math.min(most, Chains.MOST));
        if (count > 0 && inflight != null) {
            inflight.begin(chains.id, count);
        }
        return describe(count);
    }

    /// Reads the heads of the next chains; returns how many.
    private int heads(int most) {
        fromPending = pendingNext < pending.length;
        if (fromPending) {
            int count = Math.min(most, pending.length - pendingNext);
            System.arraycopy(pending, pendingNext, chains.id, 0, count);
            return count;
        }
        int index = availableIndex();
        int ready = index - next & 0xFFFF;
        if (ready > size) {
            if (index != badIndex) {
                badIndex = index;
                count(QueueCounter.BAD_INDEX);
            }
            return 0;
        }
        int count = Math.min(ready, most);
        int[] id = chains.id;
        long ring = available + VirtioNet.RING_ENTRIES;
        int mask = this.mask;
        int next = this.next;
        for (int i = 0; i < count; i++) {
            id[i] = getShort(ring + 2L * (next + i & mask));
        }
        return count;
    }

    /// Reads the descriptors of `count` chains; returns how many chains there was room for.
    private int describe(int count) {
        Chains chains = this.chains;
        long[] address = chains.address;
        int[] length = chains.length;
        int[] first = chains.first;
        int[] id = chains.id;
        long table = this.table;
        int size = this.size;
        int direction = direction();
        long regionStart = this.regionStart;
        long regionSize = this.regionSize;
        long regionShift = this.regionShift;
        int part = 0;
        int i = 0;
        for (; i < count && part < Chains.MOST_PARTS; i++) {
            first[i] = part;
            int head = id[i];
            if (head < size) {
                long descriptor = table + ((long) head << 4);
                long at = Memory.getLong(descriptor);
                long word = Memory.getLong(descriptor + 8);
                long bytes = word & 0xFFFF_FFFFL;
                long offset = at - regionStart;
                if (((int) (word >>> 32) & PLAIN_MASK) == direction
                        && offset >= 0
                        && bytes <= regionSize - offset
                        && bytes <= Integer.MAX_VALUE) {
                    address[part] = at + regionShift;
                    length[part] = (int) bytes;
                    part++;
                    continue;
                }
            }
            part = follow(table, size, head, part, part, false);
            regionStart = this.regionStart;
            regionSize = this.regionSize;
            regionShift = this.regionShift;
        }
        first[i] = part;
        return i;
    }

    /// Follows a chain from descriptor `head` of a table; returns the next part. The chain's parts begin at
    /// `from`.
    private int follow(long table, int descriptors, int head, int part, int from, boolean within) {
        int next = part;
        int index = head;
        for (int steps = 0; steps < descriptors && index < descriptors; steps++) {
            long descriptor = table + ((long) index << 4);
            long address = Memory.getLong(descriptor);
            long word = Memory.getLong(descriptor + 8);
            long length = word & 0xFFFF_FFFFL;
            int flags = (int) (word >>> 32);
            if ((flags & VirtioNet.DESC_INDIRECT) != 0) {
                long inner = within || (flags & VirtioNet.DESC_NEXT) != 0 ? 0 : indirectTable(address, length);
                return inner == 0
                        ? malformed(from)
                        : follow(inner, (int) length / VirtioNet.DESCRIPTOR, 0, next, from, true);
            }
            next = append(next, from, address, length, flags);
            if (next < 0) {
                return malformed(from);
            }
            if ((flags & VirtioNet.DESC_NEXT) == 0) {
                return next;
            }
            index = (int) (word >>> 48);
        }
        return malformed(from); // an index out of range, or a loop
    }

    @Override
    void use(int count) {
        int[] id = chains.id;
        int[] written = chains.written;
        long ring = used + VirtioNet.RING_ENTRIES;
        int mask = this.mask;
        int index = usedIndex;
        for (int i = 0; i < count; i++) {
            long entry = ring + (long) USED_ENTRY * (index + i & mask);
            Memory.putLong(entry, id[i] | (long) written[i] << 32);
        }
        if (inflight != null) {
            inflight.batch(id, count);
        }
        usedBefore = index;
        usedIndex = index + count & 0xFFFF;
        // release: pairs with the driver's read of the index before entries and buffers (2.7.14)
        Memory.putShortRelease(used + VirtioNet.RING_INDEX, (short) usedIndex);
        if (inflight != null) {
            inflight.end(id, count, usedIndex);
        }
        if (fromPending) {
            pendingNext += count;
        } else {
            next = next + count & 0xFFFF;
        }
    }

    @Override
    boolean wantsCall() {
        if (eventIndex) {
            return passes(getShort(available + VirtioNet.RING_ENTRIES + 2L * size), usedIndex, usedBefore);
        }
        return (getShort(available) & VirtioNet.RING_NO_NOTIFY) == 0;
    }

    /// What has been completed is all that has been taken.
    @Override
    int base() {
        return pendingNext < pending.length ? usedIndex : next;
    }
}
