package org.barewire.drivers.ixgbe;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// A receive ring of advanced descriptors, one buffer each (1.8.2, 7.1).
///
/// Every slot has a buffer; the device owns those from its head up to the tail. A packet that arrived is
/// replaced by a fresh buffer in its slot. The tail is moved on in steps, since the write is costly, and
/// never to a slot whose buffer has not been replaced.
final class IxgbeRxQueue implements RxQueue {
    static final int PACKETS = 0;
    static final int DROPPED = 1;
    static final int ERRORS = 2;

    private static final int TAIL_STEP = 32;
    private static final int FRESH = 64;
    private static final long FRAME_ERRORS =
            Descriptor.RX_CE | Descriptor.RX_LE | Descriptor.RX_PE | Descriptor.RX_OSE | Descriptor.RX_USE;
    private static final long ENDED = Descriptor.RX_DD | Descriptor.RX_EOP;

    private final Registers registers;
    private final int tailRegister;
    private final PacketPool pool;
    private final boolean describes;
    private final long ring;
    private final int mask;
    private final long[] buffers; // of each slot, a packet of length 0
    private final long[] fresh = new long[FRESH];
    private final long counters;
    private int freshCount;
    private int next; // slot that the next packet will be in
    private int unpublished; // slots refilled since the tail was last moved
    private long chain; // first segment of a packet whose end has not been seen, or 0
    private long chainEnd;
    private boolean skipping; // the rest of a packet that lost a segment

    /// @param describes true if offload results are to be put in packets' metadata
    IxgbeRxQueue(Registers registers, int queue, long ring, int descriptors, PacketPool pool, boolean describes) {
        this.registers = registers;
        this.tailRegister = Reg.rdt(queue);
        this.pool = pool;
        this.describes = describes;
        this.ring = ring;
        this.mask = descriptors - 1;
        this.buffers = new long[descriptors];
        this.counters = Counters.allocate();
    }

    /// Fills the ring; the tail may then be set to {@link #firstTail}. Called before the queue is enabled.
    void fill() {
        if (pool.allocate(buffers, 0, buffers.length) < buffers.length) {
            throw new IllegalStateException("the pool has fewer buffers than the ring has descriptors");
        }
        for (int slot = 0; slot < buffers.length; slot++) {
            refill(slot, buffers[slot]);
        }
        pool.unbind();
    }

    int firstTail() {
        return mask;
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        int received = receiveStep(packets, from, Math.min(count, FRESH));
        return received < FRESH || received == count ? received : receiveMore(packets, from, count);
    }

    private int receiveMore(long[] packets, int from, int count) {
        int received = FRESH;
        int step = FRESH;
        while (step == FRESH && received < count) {
            step = receiveStep(packets, from + received, Math.min(count - received, FRESH));
            received += step;
        }
        return received;
    }

    private int receiveStep(long[] packets, int from, int count) {
        int fresh = freshCount;
        if (fresh < count) {
            fresh = refresh(fresh);
        }
        long[] stock = this.fresh;
        long[] buffers = this.buffers;
        int mask = this.mask;
        long ring = this.ring;
        int slot = next;
        int end = slot + (describes ? 0 : Math.min(fresh, count)) & mask;
        int to = from;
        // The slot, not a count, ends the loop: a counted one is split in three, which costs short bursts dearly.
        while (slot != end) {
            long descriptor = ring + ((long) slot << 4);
            // acquire: pairs with the device's write of DD after the packet and the rest of the descriptor (7.1.5)
            long word = Memory.getLongAcquire(descriptor + 8);
            if ((word & (ENDED | FRAME_ERRORS)) != ENDED) {
                break;
            }
            packets[to++] = buffers[slot] | word >>> Descriptor.RX_LENGTH_SHIFT & 0xFFFF;
            long buffer = stock[--fresh];
            buffers[slot] = buffer;
            Memory.putLong(descriptor, Packet.ioAddress(buffer));
            Memory.putLong(descriptor + 8, 0);
            slot = slot + 1 & mask;
        }
        freshCount = fresh;
        int n = to - from;
        if (n < count && isDone(slot)) {
            next = slot;
            unpublished += n;
            return receiveUnusual(packets, from, count, n);
        }
        if (n > 0) {
            advance(slot, n, n);
        }
        return n;
    }

    /// Goes on slot by slot where there is more to a packet than its bytes: several segments, metadata,
    /// damage, or no buffer to replace it with.
    private int receiveUnusual(long[] packets, int from, int count, int received) {
        int n = received;
        int slot = next;
        int taken = 0;
        while (n < count) {
            long descriptor = ring + ((long) slot << 4);
            long word = Memory.getLongAcquire(descriptor + 8); // acquire: as above
            if ((word & Descriptor.RX_DD) == 0) {
                break;
            }
            long packet = take(slot, Memory.getLong(descriptor), word);
            if (packet != 0) {
                packets[from + n++] = packet;
            }
            slot = slot + 1 & mask;
            taken++;
        }
        advance(slot, taken, n);
        return n;
    }

    /// Takes one slot's segment; returns the packet that it ends, or 0 if it ends none that is to be
    /// delivered.
    private long take(int slot, long information, long word) {
        long segment = buffers[slot] | word >>> Descriptor.RX_LENGTH_SHIFT & 0xFFFF;
        boolean ends = (word & Descriptor.RX_EOP) != 0;
        if (skipping || freshCount == 0 && refresh(0) == 0) {
            refill(slot, buffers[slot]);
            if (!skipping) {
                dropChain();
                Counters.add(counters, DROPPED, 1);
            }
            skipping = !ends;
            return 0;
        }
        refill(slot, fresh[--freshCount]);
        append(segment, ends);
        if (!ends) {
            return 0;
        }
        long packet = chain;
        chain = 0;
        if ((word & FRAME_ERRORS) != 0) {
            PacketPool.release(packet);
            Counters.add(counters, ERRORS, 1);
            return 0;
        }
        return describes ? describe(packet, information, word) : packet;
    }

    private void append(long segment, boolean last) {
        if (chain == 0) {
            chain = last ? segment : Metadata.begin(segment);
            chainEnd = chain;
            return;
        }
        long linked = last ? segment : Metadata.begin(segment);
        Metadata.setNext(chainEnd, linked);
        Metadata.setTotalLength(chain, Metadata.totalLength(chain) + Packet.length(segment));
        chainEnd = linked;
    }

    private void dropChain() {
        if (chain != 0) {
            PacketPool.release(chain);
            chain = 0;
        }
    }

    /// Translates the device's findings (7.1.6.2, tables 7-18 to 7-20) to metadata.
    private static long describe(long packet, long information, long word) {
        long described = Packet.hasMetadata(packet) ? packet : Metadata.begin(packet);
        int flags = 0;
        if ((word & Descriptor.RX_IPCS) != 0) {
            flags |= (word & Descriptor.RX_IPE) == 0 ? Metadata.IPV4_CHECKSUM_GOOD : Metadata.IPV4_CHECKSUM_BAD;
        }
        if ((word & Descriptor.RX_L4CS) != 0) {
            flags |= (word & Descriptor.RX_L4E) == 0 ? Metadata.L4_CHECKSUM_GOOD : Metadata.L4_CHECKSUM_BAD;
        }
        if ((word & Descriptor.RX_VP) != 0) {
            flags |= Metadata.VLAN_STRIPPED;
            Metadata.setVlan(described, (int) (word >>> Descriptor.RX_VLAN_SHIFT));
        }
        if ((information & Descriptor.RX_RSS_TYPE) != 0) {
            flags |= Metadata.RSS_HASH;
            Metadata.setRssHash(described, (int) (information >>> Descriptor.RX_RSS_HASH_SHIFT));
        }
        Metadata.setFlags(described, flags);
        return described;
    }

    private boolean isDone(int slot) {
        return (Memory.getLongAcquire(ring + ((long) slot << 4) + 8) & Descriptor.RX_DD) != 0;
    }

    private void refill(int slot, long buffer) {
        long descriptor = ring + ((long) slot << 4);
        buffers[slot] = buffer;
        Memory.putLong(descriptor, Packet.ioAddress(buffer));
        Memory.putLong(descriptor + 8, 0);
    }

    private int refresh(int count) {
        freshCount = count + pool.allocate(fresh, count, FRESH - count);
        return freshCount;
    }

    private void advance(int slot, int refilled, int received) {
        next = slot;
        unpublished += refilled;
        if (unpublished >= TAIL_STEP) {
            unpublished = 0;
            registers.write32(tailRegister, slot - 1 & mask); // the tail's own slot is not the device's
        }
        Counters.add(counters, PACKETS, received);
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(
                Counters.get(counters, PACKETS), Counters.get(counters, DROPPED), Counters.get(counters, ERRORS));
    }

    /// Gives all buffers back. Called when the device has stopped using the ring.
    void releaseBuffers() {
        dropChain();
        PacketPool.release(fresh, 0, freshCount);
        freshCount = 0;
        PacketPool.release(buffers, 0, buffers.length);
    }

    void freeRing(PacketMemory memory) {
        memory.freeRing(ring, (long) buffers.length * Descriptor.BYTES);
        Counters.free(counters);
    }
}
