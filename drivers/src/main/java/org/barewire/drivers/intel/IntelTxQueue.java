package org.barewire.drivers.intel;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.jspecify.annotations.Nullable;

/// A transmit ring of advanced descriptors (82599 datasheet, 1.8.1 and 7.2).
///
/// The device reports completion (RS) for the last slot of each group of 32 and for the last packet of each
/// send. Packets are given back to their pools a group at a time, by looking at the group's last slot alone;
/// where that is within a packet, at the packet's last one.
public class IntelTxQueue implements TxQueue {
    private static final int PACKETS = 0;
    private static final int DROPPED = 1;
    private static final int ERRORS = 2;

    /// The shortest frame that the device takes without its check sequence (7.2.3.2.4, DTALEN).
    public static final int MIN_LENGTH = 17;

    private static final int GROUP = 32;
    private static final long COMMAND = AdvancedTxFormat.COMMAND; // a constant costs less than a field

    private final Registers registers;
    private final int tailRegister;
    private final long ring;
    private final int mask;
    private final int longest;
    private final long[] packets; // of each slot, what is released when it is done; 0 if nothing
    private final TxFormat format;
    private final long counters;
    private volatile @Nullable QueueStatistics last; // set before the line of counters is given back
    private int next;
    private int clean; // oldest slot not given back
    private int empty; // slots since `clean` that release nothing: contexts, and all segments but the last

    /// An empty queue.
    ///
    /// @param tailRegister where the device is told of packets
    /// @param ring         from {@link PacketMemory#allocateRing}, given back by {@link #freeRing}
    /// @param insertsTags  false if the device is not set up to insert VLAN tags: the driver does
    /// @param longest      the longest frame, without its check sequence, that may be sent
    public IntelTxQueue(
            Registers registers, int tailRegister, long ring, int descriptors, boolean insertsTags, int longest) {
        this(registers, tailRegister, ring, descriptors, new AdvancedTxFormat(insertsTags), longest);
    }

    /// @param format of this queue alone: it remembers what the device has been told
    IntelTxQueue(Registers registers, int tailRegister, long ring, int descriptors, TxFormat format, int longest) {
        this.registers = registers;
        this.tailRegister = tailRegister;
        this.format = format;
        this.ring = ring;
        this.mask = descriptors - 1;
        this.longest = longest;
        this.packets = new long[descriptors];
        this.counters = Counters.allocate();
    }

    @Override
    public int send(long[] out, int from, int count) {
        if ((next - clean & mask) >= GROUP) {
            cleanGroups();
        }
        long[] packets = this.packets;
        int mask = this.mask;
        long ring = Memory.bounded(this.ring);
        int spread = longest - MIN_LENGTH;
        int first = next;
        int slot = first;
        int end = slot + Math.min(count, clean - slot - 1 & mask) & mask;
        int taken = from;
        long descriptor = 0;
        // ended by the slot, and below the body, as in IntelRxQueue
        if (slot != end) {
            do {
                long packet = out[taken];
                int length = (int) packet & 0xFFFF;
                if (packet < 0 || Integer.compareUnsigned(length - MIN_LENGTH, spread) > 0) {
                    break;
                }
                packets[slot] = packet;
                descriptor = Descriptor.at(ring, slot);
                Memory.putLong(descriptor, Packet.ioAddress(packet));
                Memory.putLong(descriptor + 8, COMMAND | length | (long) length << Descriptor.TX_PAYLEN_SHIFT);
                slot = slot + 1 & mask;
                taken++;
            } while (slot != end);
        }
        int n = taken - from;
        next = slot;
        if ((first & GROUP - 1) + n > GROUP) {
            requestReports(first, n);
        }
        if (n > 0) {
            requestReport(descriptor);
        }
        if (slot != end) {
            return sendUnusual(out, from, count, n, first);
        }
        if (n > 0) {
            publish();
            Counters.add(counters, PACKETS, n);
        }
        return n;
    }

    /// Has the last slot of each group reported that lies before the last of `count` slots from `first` on.
    private void requestReports(int first, int count) {
        for (int i = first | GROUP - 1; i < first + count - 1; i += GROUP) {
            requestReport(at(i & mask));
        }
    }

    private static void requestReport(long descriptor) {
        Memory.putLong(descriptor + 8, Memory.getLong(descriptor + 8) | Descriptor.TX_RS);
    }

    private long at(int slot) {
        return Descriptor.at(Memory.bounded(ring), slot);
    }

    @Override
    public final int sendOrRelease(long[] out, int from, int count) {
        int sent = send(out, from, count);
        if (sent < count) {
            PacketPool.release(out, from + sent, count - sent);
            Counters.add(counters, DROPPED, count - sent);
        }
        return sent;
    }

    /// Sends without a fast path, for descriptors in another format.
    final int sendEach(long[] out, int from, int count) {
        if ((next - clean & mask) >= GROUP) {
            cleanGroups();
        }
        return sendUnusual(out, from, count, 0, next);
    }

    /// Goes on packet by packet where one has metadata or a length that can't be sent.
    ///
    /// @param sent  packets that have been written
    /// @param first slot of the first of them
    private int sendUnusual(long[] out, int from, int count, int sent, int first) {
        int n = sent;
        int errors = 0;
        for (; n < count; n++) {
            long packet = out[from + n];
            int slots = slotsFor(packet);
            if (slots == 0) {
                PacketPool.release(packet);
                errors++;
                continue;
            }
            if (slots > (clean - next - 1 & mask)) {
                reclaim(); // what is sent may be less than a group, and yet in the way of a packet of many slots
                if (slots > (clean - next - 1 & mask)) {
                    break;
                }
            }
            write(packet);
        }
        if (next != first) {
            requestReport(at(next - 1 & mask));
            publish();
        }
        Counters.add(counters, PACKETS, n - errors);
        Counters.add(counters, ERRORS, errors);
        return n;
    }

    /// How many slots a packet takes, a context included whether or not it will be needed; 0 if it can't be
    /// sent.
    private int slotsFor(long packet) {
        int total = 0;
        int segments = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            int length = Packet.length(segment);
            if (length == 0 || ++segments > TxFormat.MAX_SEGMENTS) {
                return 0;
            }
            total += length;
        }
        boolean possible = total >= MIN_LENGTH && format.isPossible(packet, total, longest) && segments < mask;
        return possible ? segments + 1 : 0;
    }

    /// The command for a slot; the last of each group asks for a report.
    private long data(int slot) {
        return format.command | (long) ((slot & GROUP - 1) + 1 & GROUP) << 22; // 32 << 22 is RS
    }

    private void write(long unprepared) {
        long packet = format.prepare(unprepared);
        int slot = next;
        int first = slot;
        int leftInGroup = GROUP - (slot & GROUP - 1);
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        if (format.needsContext(packet, flags)) {
            format.writeContext(ring + ((long) slot << 4), packet, flags);
            packets[slot] = 0;
            empty++;
            slot = slot + 1 & mask;
        }
        long options = format.options(packet, flags);
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            boolean last = Packet.next(segment) == 0;
            long descriptor = ring + ((long) slot << 4);
            long command = last ? data(slot) : data(slot) & ~(Descriptor.TX_EOP | Descriptor.TX_RS);
            if (last && (slot - first & mask) >= leftInGroup) {
                command |= Descriptor.TX_RS; // in place of the group's last slot, which reports nothing
            }
            packets[slot] = last ? packet : 0;
            empty += last ? 0 : 1;
            Memory.putLong(descriptor, Packet.ioAddress(segment));
            Memory.putLong(descriptor + 8, command | options | Packet.length(segment));
            slot = slot + 1 & mask;
        }
        next = slot;
    }

    /// Hands the slots before `next` to the device; the last of them asks for a report.
    private void publish() {
        registers.write32(tailRegister, next); // ordered after the descriptors, which the device reads next
    }

    /// Gives back groups of packets whose last slot the device has reported.
    private void cleanGroups() {
        int clean = this.clean;
        int end = lastOfGroup(clean);
        while ((next - clean & mask) > (end - clean & mask) && isReported(end)) {
            release(clean, end - clean + 1 & mask);
            clean = end + 1 & mask;
            end = lastOfGroup(clean);
        }
        this.clean = clean;
    }

    /// The slot that reports the group of a slot: its last one, or, if that is a context or not a packet's
    /// last segment, the last one of the packet that it belongs to.
    private int lastOfGroup(int slot) {
        int end = (slot | GROUP - 1) & mask;
        if (empty > 0) {
            while (packets[end] == 0 && (next - slot & mask) > (end - slot & mask)) {
                end = end + 1 & mask;
            }
        }
        return end;
    }

    @Override
    public final int reclaim() {
        cleanGroups();
        int waiting = next - clean & mask;
        if (waiting > 0 && isReported(next - 1 & mask)) {
            release(clean, waiting);
            clean = next;
            waiting = 0;
        }
        return waiting;
    }

    private boolean isReported(int slot) {
        // acquire: pairs with the device's write of DD after it has read the packets (7.2.3.5.2)
        return (Memory.getLongAcquire(ring + ((long) slot << 4) + 8) & Descriptor.TX_DD) != 0;
    }

    private void release(int slot, int count) {
        if (empty == 0 && slot + count <= packets.length) {
            PacketPool.release(packets, slot, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            long packet = packets[slot + i & mask];
            if (packet == 0) {
                empty--;
            } else {
                PacketPool.release(packet);
            }
        }
    }

    @Override
    public final QueueStatistics statistics() {
        QueueStatistics now = counted();
        QueueStatistics ended = last; // looked at last: `now` may be of the line's next owner
        return ended == null ? now : ended;
    }

    private QueueStatistics counted() {
        return new QueueStatistics(
                Counters.get(counters, PACKETS), Counters.get(counters, DROPPED), Counters.get(counters, ERRORS));
    }

    /// Gives back what has not been sent. Called when the device has stopped using the ring.
    public final void releasePackets() {
        release(clean, next - clean & mask);
        clean = next;
    }

    /// Gives the ring back, and keeps what has been counted.
    public final void freeRing(PacketMemory memory) {
        last = counted();
        memory.freeRing(ring, (long) packets.length * Descriptor.BYTES);
        Counters.free(counters);
    }
}
