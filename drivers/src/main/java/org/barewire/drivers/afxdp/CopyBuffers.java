package org.barewire.drivers.afxdp;

import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// The buffers of a send queue's own that packets are copied to when they can't be sent from where they lie.
///
/// They are slots of the receive queue's pool, taken before it has an owner, because only its region is sure to
/// be in the socket's memory. They belong to the send queue's thread, and never go back until it is closed.
final class CopyBuffers {
    private final long[] stack;
    private final long lowest;
    private final long highest;
    private int top;

    /// @param pool new, so that its slots lie side by side
    CopyBuffers(PacketPool pool, int count) {
        this.stack = new long[count];
        long[] packets = new long[count];
        top = pool.allocate(packets, 0, count);
        pool.unbind();
        long lowest = Long.MAX_VALUE;
        long highest = 0;
        for (int i = 0; i < top; i++) {
            stack[i] = Packet.address(packets[i]) & -pool.slotSize();
            lowest = Math.min(lowest, stack[i]);
            highest = Math.max(highest, stack[i]);
        }
        this.lowest = lowest;
        this.highest = highest;
        if (top < count || highest - lowest != (count - 1L) * pool.slotSize()) {
            throw new IllegalStateException("the pool is not new");
        }
    }

    int available() {
        return top;
    }

    /// Address of a buffer, all of whose bytes may be used. There must be one.
    long take() {
        return stack[--top];
    }

    boolean owns(long address) {
        return address >= lowest && address <= highest;
    }

    void put(long address) {
        stack[top++] = address;
    }

    /// Gives those back to the pool that are here. Called when the queue has given back the others.
    void free() {
        while (top > 0) {
            PacketPool.release(Packet.of(stack[--top], 0));
        }
    }
}
