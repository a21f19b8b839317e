package org.barewire.drivers.memif;

import org.barewire.core.memory.Memory;

/// How a ring lies in shared memory (`memif_ring_t` and `memif_desc_t` in memif.h of DPDK, VPP and libmemif).
///
/// Three parts, each in cache lines of its own: cookie, flags and head; tail; the descriptors. Head and tail
/// only grow, modulo 2^16. In a C2S ring the client fills slots and moves the head, the server empties them
/// and moves the tail; in an S2C ring the client offers buffers and moves the head, the server fills them and
/// moves the tail.
///
/// | bytes of a descriptor | field |
/// |---|---|
/// | 0–1 | flags |
/// | 2–3 | region |
/// | 4–7 | length |
/// | 8–11 | offset in the region |
/// | 12–15 | metadata, not used |
final class Layout {
    static final int COOKIE = 0x3E3_1F20;

    /// The largest ring, as a power of two.
    static final int MAX_LOG2_SIZE = 14;

    /// The packet goes on in the next slot.
    static final int NEXT = 1;

    private static final int FLAGS = 4;
    private static final int HEAD = 6;
    private static final int TAIL = 64;
    private static final int DESCRIPTORS = 128;
    private static final int DESCRIPTOR = 16;
    private static final int MASK_INTERRUPT = 1;

    private Layout() {}

    /// Bytes of a ring of `slots` slots.
    static long bytes(int slots) {
        return DESCRIPTORS + (long) slots * DESCRIPTOR;
    }

    static long head(long ring) {
        return ring + HEAD;
    }

    static long tail(long ring) {
        return ring + TAIL;
    }

    static long descriptor(long ring, int slot) {
        return ring + DESCRIPTORS + (long) slot * DESCRIPTOR;
    }

    static long offset(long descriptor) {
        return Memory.getInt(descriptor + 8) & 0xFFFF_FFFFL;
    }

    /// Flags, region and length of a descriptor as one word.
    static long word(int flags, int region, int length) {
        return flags | (long) region << 16 | (long) length << 32;
    }

    static void write(long descriptor, long word, long offset) {
        Memory.putLong(descriptor, word);
        Memory.putLong(descriptor + 8, offset);
    }

    static boolean hasCookie(long ring) {
        return Memory.getInt(ring) == COOKIE;
    }

    static void putCookie(long ring) {
        Memory.putInt(ring, COOKIE);
    }

    /// Says to the sender whether the receiver wants to be woken.
    static void setInterrupts(long ring, boolean on) {
        Memory.putShort(ring + FLAGS, (short) (on ? 0 : MASK_INTERRUPT));
    }

    static boolean wantsInterrupt(long ring) {
        return (Memory.getShort(ring + FLAGS) & MASK_INTERRUPT) == 0;
    }
}
