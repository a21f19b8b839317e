package org.barewire.drivers.vhost;

import org.barewire.core.memory.Memory;

/// A packed ring (2.8): driver and device write into the same descriptors, and say by two flags whose a
/// descriptor is. As the flags are in the same aligned 8 bytes as length and id, those are read and written
/// together.
final class PackedRing extends Vring {
    private static final int OWNER = VirtioNet.DESC_AVAIL | VirtioNet.DESC_USED;
    private static final int WRAP = 1 << 15; // in VRING_BASE and in events, beside an index
    private static final int FLAGS_SHIFT = 48;

    private final long ring;
    private final long driverEvent;
    private final long deviceEvent;
    private int next; // slot of the next chain
    private boolean wrap; // turns with each round; descriptors are available that have it as AVAIL and not as USED
    private int before; // where the last burst began

    PackedRing(RingSetup setup) {
        super(setup);
        this.ring = setup.descriptor();
        this.driverEvent = setup.driver();
        this.deviceEvent = setup.device();
        this.next = setup.base() & WRAP - 1;
        this.wrap = (setup.base() & WRAP) != 0;
        this.before = next;
        ask(false);
    }

    @Override
    void ask(boolean notify) {
        int flags = notify ? VirtioNet.EVENT_ENABLE : VirtioNet.EVENT_DISABLE; // 2.8.14
        Memory.putShort(deviceEvent + VirtioNet.EVENT_FLAGS, (short) flags);
    }

    @Override
    boolean isWaiting() {
        // acquire: as in gather(), which comes next
        long word = Memory.getLongAcquire(ring + ((long) next << 4) + 8);
        return ((int) (word >>> FLAGS_SHIFT) & OWNER) == (wrap ? VirtioNet.DESC_AVAIL : VirtioNet.DESC_USED);
    }

    @Override
    int gather(int most) {
        Chains chains = this.chains;
        long[] address = chains.address;
        int[] length = chains.length;
        int[] first = chains.first;
        int[] id = chains.id;
        int[] slots = chains.slots;
        long ring = this.ring;
        int size = this.size;
        int direction = direction();
        long regionStart = this.regionStart;
        long regionSize = this.regionSize;
        long regionShift = this.regionShift;
        int limit = Math.min(most, Chains.MOST);
        int owner = wrap ? VirtioNet.DESC_AVAIL : VirtioNet.DESC_USED;
        int slot = next;
        int left = size; // slots that are not yet part of this burst
        int part = 0;
        int i = 0;
        while (i < limit && left > 0 && part < Chains.MOST_PARTS) {
            long descriptor = ring + ((long) slot << 4);
            // acquire: pairs with the driver's write of the flags after all else of the chain (2.8.21)
            long word = Memory.getLongAcquire(descriptor + 8);
            int flags = (int) (word >>> FLAGS_SHIFT);
            if ((flags & OWNER) != owner) {
                break;
            }
            long at = Memory.getLong(descriptor);
            long bytes = word & 0xFFFF_FFFFL;
            long offset = at - regionStart;
            first[i] = part;
            if ((flags & PLAIN_MASK) == direction
                    && offset >= 0
                    && bytes <= regionSize - offset
                    && bytes <= Integer.MAX_VALUE) {
                address[part] = at + regionShift;
                length[part] = (int) bytes;
                part++;
                id[i] = (int) (word >>> 32) & 0xFFFF;
                slots[i] = 1;
            } else {
                part = follow(slot, i, part, left);
                regionStart = this.regionStart;
                regionSize = this.regionSize;
                regionShift = this.regionShift;
            }
            slot += slots[i];
            left -= slots[i];
            i++;
            if (slot >= size) {
                slot -= size;
                owner ^= OWNER;
            }
        }
        first[i] = part;
        return i;
    }

    /// Follows chain number `chain` from a slot on; returns the next part. However long the chain says that
    /// it is, it ends within the `left` slots.
    private int follow(int slot, int chain, int from, int left) {
        int next = from;
        int at = slot;
        int slots = 0;
        int flags;
        int id;
        do {
            long descriptor = ring + ((long) at << 4);
            long address = Memory.getLong(descriptor);
            long word = Memory.getLong(descriptor + 8);
            flags = (int) (word >>> FLAGS_SHIFT);
            id = (int) (word >>> 32) & 0xFFFF;
            if (next >= 0) {
                next = (flags & VirtioNet.DESC_INDIRECT) == 0
                        ? append(next, from, address, word & 0xFFFF_FFFFL, flags)
                        : slots > 0 || (flags & VirtioNet.DESC_NEXT) != 0
                                ? -1
                                : followIndirect(from, address, word & 0xFFFF_FFFFL);
            }
            at = at + 1 == size ? 0 : at + 1;
            slots++;
        } while ((flags & VirtioNet.DESC_NEXT) != 0 && slots < left);
        chains.slots[chain] = slots;
        chains.id[chain] = id;
        return next < 0 || (flags & VirtioNet.DESC_NEXT) != 0 ? malformed(from) : next;
    }

    /// All descriptors of a table are the chain, one after the other (2.8.7). Their direction is not looked
    /// at: DPDK leaves the flag of a receive buffer on the header that it sends.
    private int followIndirect(int from, long address, long length) {
        long table = indirectTable(address, length);
        if (table == 0) {
            return -1;
        }
        int next = from;
        for (long offset = 0; offset < length && next >= 0; offset += VirtioNet.DESCRIPTOR) {
            long at = Memory.getLong(table + offset);
            long word = Memory.getLong(table + offset + 8);
            int flags = (int) (word >>> FLAGS_SHIFT);
            next = (flags & VirtioNet.DESC_INDIRECT) == 0
                    ? append(next, from, at, word & 0xFFFF_FFFFL, direction())
                    : -1;
        }
        return next;
    }

    @Override
    void use(int count) {
        if (count == 0) {
            return;
        }
        int[] id = chains.id;
        int[] slots = chains.slots;
        int[] written = chains.written;
        int size = this.size;
        int slot = next;
        boolean wrap = this.wrap;
        before = slot;
        long head = ring + ((long) slot << 4) + 8;
        long headWord = usedWord(id[0], written[0], wrap);
        for (int i = 0; ; ) {
            slot += slots[i];
            if (slot >= size) {
                slot -= size;
                wrap = !wrap;
            }
            if (++i == count) {
                break;
            }
            Memory.putLong(ring + ((long) slot << 4) + 8, usedWord(id[i], written[i], wrap));
        }
        next = slot;
        this.wrap = wrap;
        // release: pairs with the driver's read of the first one's flags; it does not look further before
        // (2.8.21)
        Memory.putLongRelease(head, headWord);
    }

    private static long usedWord(int id, int written, boolean wrap) {
        long flags = (wrap ? OWNER : 0) | (written > 0 ? VirtioNet.DESC_WRITE : 0);
        return written | (long) id << 32 | flags << FLAGS_SHIFT;
    }

    @Override
    boolean wantsCall() {
        int event = Memory.getInt(driverEvent);
        int flags = event >>> 16 & 3;
        if (flags != VirtioNet.EVENT_DESC || !eventIndex) {
            return flags != VirtioNet.EVENT_DISABLE;
        }
        int index = event & WRAP - 1;
        if (((event & WRAP) != 0) != wrap) {
            index -= size;
        }
        return passes(index, next, next <= before ? before - size : before);
    }

    @Override
    int base() {
        return next | (wrap ? WRAP : 0);
    }
}
