package org.barewire.drivers.intel;

import java.lang.invoke.VarHandle;
import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/// A receive ring of Intel's, one buffer to a descriptor (82599 datasheet, 1.8.2 and 7.1).
///
/// A packet that arrived leaves its slot empty. Slots get fresh buffers in groups, and the tail is moved on
/// with them, since both cost less that way. While the pool is exhausted they stay empty, and when no slot is
/// left the device counts what it misses: no packet that has arrived is lost.
public final class IntelRxQueue implements RxQueue {
    private static final int PACKETS = 0;
    private static final int ERRORS = 1;

    private static final int GROUP = 32;
    private static final int ENDED = (int) (Descriptor.RX_DD | Descriptor.RX_EOP);

    /// The bits of a word of which a packet that needs no second look has ENDED only. All that are an error
    /// in some format are among them: a constant costs less than what is exact.
    private static final int JUDGED = ENDED | (int) (0xBFL << 24);

    private final Registers registers;
    private final int tailRegister;
    private final PacketPool pool;
    private final RxFormat format;
    private final boolean describes;
    private final boolean looks; // at every packet, for its metadata or because its descriptor is in another form
    private final long ring;
    private final int mask;
    private final long[] buffers; // of each slot that is not empty, a packet of length 0
    private final long counters;
    private @Nullable CardInterrupt interrupt; // set before the queue's thread has it
    private volatile @Nullable QueueStatistics last; // set before the line of counters is given back
    private int next; // slot that the next packet will be in
    private int empty; // first of the empty slots, which end before `next`; the tail is the slot before it
    private boolean plain; // packets may be taken without a look at more than their bytes
    private long chain; // first segment of a packet whose end has not been seen, or 0
    private long chainEnd;

    /// A queue on a ring that is still to be {@linkplain #fill filled}.
    ///
    /// @param tailRegister where the device is told of fresh buffers
    /// @param ring         from {@link PacketMemory#allocateRing}, given back by {@link #freeRing}
    /// @param describes    true if offload results are to be put in packets' metadata
    public IntelRxQueue(
            Registers registers,
            int tailRegister,
            long ring,
            int descriptors,
            PacketPool pool,
            RxFormat format,
            boolean describes) {
        this.registers = registers;
        this.tailRegister = tailRegister;
        this.pool = pool;
        this.format = format;
        this.describes = describes;
        this.looks = describes || format == RxFormat.LEGACY;
        this.plain = !looks;
        this.ring = ring;
        this.mask = descriptors - 1;
        this.buffers = new long[descriptors];
        this.counters = Counters.allocate();
    }

    /// Has {@link #await} sleep until this interrupt. Called before the queue is given to its thread.
    public void wakeBy(CardInterrupt interrupt) {
        this.interrupt = interrupt;
    }

    /// Fills the ring; the tail may then be set to {@link #firstTail}. Called before the queue is enabled.
    public void fill() {
        if (pool.allocate(buffers, 0, buffers.length) < buffers.length) {
            throw new IllegalStateException("the pool has fewer buffers than the ring has descriptors");
        }
        writeDescriptors(0, buffers.length);
        pool.unbind();
    }

    /// What the tail is set to first: all slots but the last are the device's.
    public int firstTail() {
        return mask;
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        long[] buffers = this.buffers;
        int mask = this.mask;
        long ring = Memory.bounded(this.ring);
        int slot = next;
        int end = plain ? slot + Math.min(count, empty - 1 - slot & mask) & mask : slot;
        int to = from;
        // The slot ends the loop, not a count: a counted one is split in three. And below its body: how often that goes
        // back is what the compiler knows of bursts, and for bursts of one packet it makes no loop at all.
        if (slot != end) {
            do {
                long word = Memory.getLong(Descriptor.at(ring, slot) + 8);
                if (((int) word & JUDGED) != ENDED) {
                    break;
                }
                packets[to++] = buffers[slot] | word >>> Descriptor.RX_LENGTH_SHIFT & 0xFFFF;
                slot = slot + 1 & mask;
            } while (slot != end);
        }
        // pairs with the device's write of DD after the packet; length and DD are of one load (7.1.5)
        VarHandle.acquireFence();
        next = slot;
        int n = to - from;
        if (n < count) {
            n = receiveUnusual(packets, from, count, n);
        }
        if ((next - empty & mask) >= GROUP) {
            refill();
        }
        Counters.add(counters, PACKETS, n);
        return n;
    }

    /// Goes on slot by slot where there is more to a packet than its bytes: several segments, metadata or
    /// damage.
    private int receiveUnusual(long[] packets, int from, int count, int received) {
        int n = received;
        int slot = next;
        while (n < count && slot != (empty - 1 & mask)) {
            long descriptor = Descriptor.at(ring, slot);
            long word = format.word(descriptor);
            if ((word & Descriptor.RX_DD) == 0) {
                break;
            }
            VarHandle.acquireFence(); // as above
            long packet = take(slot, Memory.getLong(descriptor), word);
            if (packet != 0) {
                packets[from + n++] = packet;
            }
            slot = slot + 1 & mask;
        }
        next = slot;
        plain = !looks && chain == 0;
        return n;
    }

    /// Takes one slot's segment; returns the packet that it ends, or 0 if it ends none that is to be
    /// delivered.
    private long take(int slot, long information, long word) {
        boolean ends = (word & Descriptor.RX_EOP) != 0;
        append(buffers[slot] | word >>> Descriptor.RX_LENGTH_SHIFT & 0xFFFF, ends);
        if (!ends) {
            return 0;
        }
        long packet = chain;
        chain = 0;
        if ((word & format.frameErrors) != 0) {
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

    /// Translates the device's findings (7.1.6.2, tables 7-18 to 7-20) to metadata.
    private long describe(long packet, long information, long word) {
        long described = Packet.hasMetadata(packet) ? packet : Metadata.begin(packet);
        int flags = (word & format.unchecked) == 0 ? checksums(word) : 0;
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

    private int checksums(long word) {
        int flags = 0;
        if ((word & Descriptor.RX_IPCS) != 0) {
            flags |= (word & format.ipError) == 0 ? Metadata.IPV4_CHECKSUM_GOOD : Metadata.IPV4_CHECKSUM_BAD;
        }
        if ((word & Descriptor.RX_L4CS) != 0) {
            flags |= (word & format.l4Error) == 0 ? Metadata.L4_CHECKSUM_GOOD : Metadata.L4_CHECKSUM_BAD;
        }
        return flags;
    }

    /// Puts fresh buffers into whole groups of empty slots, as far as the pool has some, and hands them to
    /// the device.
    private void refill() {
        int slot = empty;
        int filled;
        do {
            int wanted = Math.min(GROUP, buffers.length - slot);
            filled = pool.allocate(buffers, slot, wanted);
            writeDescriptors(slot, filled);
            slot = slot + filled & mask;
        } while (filled == GROUP && (next - slot & mask) >= GROUP);
        if (slot != empty) {
            empty = slot;
            registers.write32(tailRegister, slot - 1 & mask); // the tail's own slot is not the device's
        }
    }

    private void writeDescriptors(int first, int count) {
        long[] buffers = this.buffers;
        long ring = Memory.bounded(this.ring);
        for (int slot = first; slot < first + count; slot++) {
            long descriptor = Descriptor.at(ring, slot);
            Memory.putLong(descriptor, Packet.ioAddress(buffers[slot]));
            Memory.putLong(descriptor + 8, 0);
        }
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        QueueStatistics now = counted();
        QueueStatistics ended = last; // looked at last: `now` may be of the line's next owner
        return ended == null ? now : ended;
    }

    private QueueStatistics counted() {
        return new QueueStatistics(Counters.get(counters, PACKETS), 0, Counters.get(counters, ERRORS));
    }

    /// The interrupt is let before the ring is looked at for the last time, so a packet is either seen or
    /// interrupts; one whose cause came while the interrupt was masked may do both.
    @Override
    public boolean await(long nanos) {
        CardInterrupt interrupt = this.interrupt;
        if (interrupt == null) {
            return isWaiting() || RxQueue.super.await(nanos);
        }
        interrupt.arm();
        return isWaiting() || interrupt.sleep(nanos);
    }

    private boolean isWaiting() {
        return (format.word(Descriptor.at(Memory.bounded(ring), next)) & Descriptor.RX_DD) != 0;
    }

    /// Gives all buffers back. Called when the device has stopped using the ring.
    public void releaseBuffers() {
        if (chain != 0) {
            PacketPool.release(chain);
            chain = 0;
        }
        for (int i = empty - 1 - next & mask; i >= 0; i--) {
            PacketPool.release(buffers[next + i & mask]);
        }
    }

    /// Gives the ring back, and keeps what has been counted.
    public void freeRing(PacketMemory memory) {
        last = counted();
        memory.freeRing(ring, (long) buffers.length * Descriptor.BYTES);
        Counters.free(counters);
    }
}
