package org.barewire.drivers.memif;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Puts bytes from several places together to a packet, of as many segments as it takes. Belongs to one
/// thread.
final class Assembler {
    private final PacketPool pool;
    private final int capacity;
    private long first; // segment of the packet at hand, or 0
    private long segment; // the last one
    private int room; // in it
    private int left; // bytes that are still to come
    private int total;

    Assembler(PacketPool pool) {
        this.pool = pool;
        this.capacity = pool.capacity();
    }

    /// Begins a packet.
    void begin(int total) {
        this.total = total;
        left = total;
        room = 0;
    }

    /// Adds bytes. False if the pool is empty: then there is no packet any more.
    boolean add(long from, int length) {
        int copied = 0;
        while (copied < length) {
            if (room == 0 && !extend()) {
                abandon();
                return false;
            }
            int bytes = Math.min(length - copied, room);
            Memory.copy(from + copied, Packet.address(segment) + Packet.length(segment) - room, bytes);
            copied += bytes;
            room -= bytes;
            left -= bytes;
        }
        return true;
    }

    private boolean extend() {
        long fresh = pool.allocate();
        if (fresh == 0) {
            return false;
        }
        room = Math.min(left, capacity);
        long added = fresh | room;
        if (room < total) {
            added = Metadata.begin(added);
        }
        if (first == 0) {
            first = added;
            if (room < total) {
                Metadata.setTotalLength(added, total);
            }
        } else {
            Metadata.setNext(segment, added);
        }
        segment = added;
        return true;
    }

    /// The packet, of which all bytes have been added; the caller's.
    long take() {
        long packet = first;
        first = 0;
        return packet;
    }

    /// Releases the packet at hand, if there is one.
    void abandon() {
        PacketPool.release(first);
        first = 0;
    }
}
