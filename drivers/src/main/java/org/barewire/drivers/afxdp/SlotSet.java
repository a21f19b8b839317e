package org.barewire.drivers.afxdp;

import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// The packets that the kernel has: a bit for each 512 bytes of the socket's memory, the least that a packet's
/// slot has, so that no two packets share one.
///
/// The kernel gives packets back in any order and by their address alone. So this is what tells whether it
/// may, and whose they are when the socket is closed. Belongs to its queue's thread.
final class SlotSet {
    private static final int GRAIN_BITS = 9;

    private final long[] words;
    private int size;

    /// @param length of the part of the socket's memory that packets may be in, from its beginning
    SlotSet(long length) {
        this.words = new long[Math.toIntExact(length >>> GRAIN_BITS + 6)];
    }

    /// How many packets the kernel has.
    int size() {
        return size;
    }

    /// Adds the packet that is at an offset of the socket's memory.
    void add(long offset) {
        words[(int) (offset >>> GRAIN_BITS + 6)] |= 1L << (offset >>> GRAIN_BITS);
        size++;
    }

    /// Takes out the packet at an offset that came from the kernel; false if there is none.
    boolean remove(long offset) {
        long index = offset >>> GRAIN_BITS + 6;
        if (index >= words.length) {
            return false;
        }
        long bit = 1L << (offset >>> GRAIN_BITS);
        long word = words[(int) index];
        if ((word & bit) == 0) {
            return false;
        }
        words[(int) index] = word & ~bit;
        size--;
        return true;
    }

    /// Gives all packets back to their pools. Called when the socket has been closed.
    void releaseAll(Umem umem) {
        for (int i = 0; i < words.length; i++) {
            for (long word = words[i]; word != 0; word &= word - 1) {
                long granule = i * 64L + Long.numberOfTrailingZeros(word);
                PacketPool.release(Packet.of(umem.address(granule << GRAIN_BITS), 0));
            }
            words[i] = 0;
        }
        size = 0;
    }
}
