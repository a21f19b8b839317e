package org.barewire.drivers.memif;

import org.barewire.core.device.Counters;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Copies packets out of the slots that the other side has filled: the server of a C2S ring, or the client of
/// an S2C one.
///
/// Everything in the ring may change at any time. Each field is read once, and checked before it is used;
/// where this end stands is never read back.
final class CopyReceiver implements Receiver {
    private static final int LONGEST = Packet.MAX_LENGTH;

    private final long ring;
    private final int size;
    private final Buffers buffers;
    private final PacketPool pool;
    private final int capacity;
    private final Assembler assembler;
    private final Doorbell bell;
    private final long counters;
    private final long filledIndex; // the other side's
    private final long takenIndex; // this side's
    private final int credit; // how much further than what was taken this side's index is
    private final long[] pieces; // of the packet at hand: addresses
    private final int[] lengths;
    private int taken; // slots, modulo 2^16

    /// @param pool  of the queue
    /// @param event by which the other side wakes this one
    CopyReceiver(long ring, int size, Buffers buffers, PacketPool pool, EventFd event, long counters) {
        this.ring = ring;
        this.size = size;
        this.buffers = buffers;
        this.pool = pool;
        this.capacity = pool.capacity();
        this.assembler = new Assembler(pool);
        this.bell = new Doorbell(ring, event);
        this.counters = counters;
        boolean client = buffers.areOwn();
        this.filledIndex = client ? Layout.tail(ring) : Layout.head(ring);
        this.takenIndex = client ? Layout.head(ring) : Layout.tail(ring);
        this.credit = client ? size : 0;
        this.pieces = new long[size];
        this.lengths = new int[size];
        bell.ignore();
        if (client) {
            for (int slot = 0; slot < size; slot++) {
                offer(Layout.descriptor(ring, slot));
            }
        }
        publish(0);
    }

    private void offer(long descriptor) {
        Memory.putLong(descriptor, Layout.word(0, 0, buffers.size()));
    }

    private void publish(int taken) {
        this.taken = taken & 0xFFFF;
        // release: pairs with the other side's acquire, after which it writes to the slots
        Memory.putShortRelease(takenIndex, (short) (taken + credit));
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        // acquire: pairs with the other side's release, before which it has written to the slots
        int available = (Memory.getShortAcquire(filledIndex) - taken) & 0xFFFF;
        if (available == 0) {
            return 0;
        }
        if (available > size) {
            Counters.add(counters, QueueCounters.BAD_INDEX, 1);
            return 0;
        }
        int end = from + pool.allocate(packets, from, Math.min(available, count));
        int to = from;
        try {
            to = receive(packets, from, end, available);
            return to - from;
        } finally {
            PacketPool.release(packets, to, end - to);
            assembler.abandon(); // has something only if the memory has been taken away
        }
    }

    private int receive(long[] packets, int from, int end, int available) {
        Buffers buffers = this.buffers;
        boolean client = credit != 0;
        int mask = size - 1;
        int capacity = this.capacity;
        int slot = taken;
        int last = slot + available;
        int to = from;
        long bytes = 0;
        while (to < end && slot != last) {
            long descriptor = Layout.descriptor(ring, slot & mask);
            long word = Memory.getLong(descriptor);
            long length = word >>> 32;
            long data = buffers.locate(slot & mask, descriptor, word, length);
            if ((word & Layout.NEXT) != 0 || length == 0 || length > capacity || data == 0) {
                int slots = takeUnusual(word, data, slot, last);
                if (slots == 0) {
                    break;
                }
                long packet = assembler.take();
                if (packet != 0) {
                    Packet.release(packets[to]);
                    bytes += Packet.totalLength(packet);
                    packets[to++] = packet;
                }
                slot += slots;
                continue;
            }
            Buffers.copy(data, Packet.address(packets[to]), (int) length);
            packets[to++] |= length;
            bytes += length;
            if (client) {
                offer(descriptor);
            }
            slot++;
        }
        publish(slot);
        Counters.add(counters, QueueCounters.BYTES, bytes);
        Counters.add(counters, QueueCounters.PACKETS, to - from);
        return to;
    }

    /// Takes a packet of several slots or several segments, or counts why it can't be taken.
    ///
    /// @return how many slots it has; 0 if there are not all of them, or not enough buffers, yet
    private int takeUnusual(long firstWord, long firstData, int slot, int last) {
        int mask = size - 1;
        long total = 0;
        boolean bad = false;
        long word = firstWord;
        long data = firstData;
        int slots = 0;
        while (true) {
            long length = word >>> 32;
            total += length;
            bad |= data == 0;
            pieces[slots] = data;
            lengths[slots] = (int) length;
            slots++;
            if ((word & Layout.NEXT) == 0) {
                break;
            }
            if (slot + slots == last) {
                return slots < size ? 0 : drop(QueueCounters.BAD_CHAIN, slot, slots);
            }
            long descriptor = Layout.descriptor(ring, slot + slots & mask);
            word = Memory.getLong(descriptor);
            data = buffers.locate(slot + slots & mask, descriptor, word, word >>> 32);
        }
        if (bad || total == 0 || total > LONGEST) {
            int why = bad ? QueueCounters.BAD_BUFFER : total == 0 ? QueueCounters.EMPTY : QueueCounters.TOO_LONG;
            return drop(why, slot, slots);
        }
        return gather((int) total, slots) ? done(slot, slots) : 0;
    }

    private int drop(int why, int slot, int slots) {
        Counters.add(counters, why, 1);
        return done(slot, slots);
    }

    private int done(int slot, int slots) {
        if (credit != 0) {
            for (int i = 0; i < slots; i++) {
                offer(Layout.descriptor(ring, slot + i & size - 1));
            }
        }
        return slots;
    }

    private boolean gather(int total, int count) {
        assembler.begin(total);
        for (int i = 0; i < count; i++) {
            if (!assembler.add(pieces[i], lengths[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean isWaiting() {
        return Memory.getShortAcquire(filledIndex) != (short) taken;
    }

    @Override
    public Doorbell bell() {
        return bell;
    }

    /// Nothing is held between bursts.
    @Override
    public void close() {}
}
