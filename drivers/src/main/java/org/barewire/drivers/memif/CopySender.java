package org.barewire.drivers.memif;

import org.barewire.core.device.Counters;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Copies packets into the slots that are free: the client of a C2S ring, or the server of an S2C one, whose
/// buffers its client has put there.
///
/// Everything in the ring may change at any time. Each field is read once, and checked before it is used;
/// where this end stands is never read back.
final class CopySender implements Sender {
    private static final long REGION = 0xFFFF_0000L; // of a descriptor's first word

    private final long ring;
    private final int size;
    private final Buffers buffers;
    private final int longest;
    private final Doorbell bell;
    private final long counters;
    private final long filledIndex; // this side's
    private final long freedIndex; // the other side's
    private final int credit; // how much further than the other side's index there are free slots
    private final long[] words; // of the slots of the packet at hand
    private final long[] targets;
    private int filled; // slots, modulo 2^16

    /// @param longest frame that may be sent
    /// @param event   by which the other side is woken
    CopySender(long ring, int size, Buffers buffers, int longest, EventFd event, long counters) {
        this.ring = ring;
        this.size = size;
        this.buffers = buffers;
        this.longest = longest;
        this.bell = new Doorbell(ring, event);
        this.counters = counters;
        boolean client = buffers.areOwn();
        this.filledIndex = client ? Layout.head(ring) : Layout.tail(ring);
        this.freedIndex = client ? Layout.tail(ring) : Layout.head(ring);
        this.credit = client ? size : 0;
        this.words = new long[size];
        this.targets = new long[size];
    }

    @Override
    public int send(long[] packets, int from, int count) {
        // acquire: pairs with the other side's release, before which it has done with the slots
        int free = (Memory.getShortAcquire(freedIndex) + credit - filled) & 0xFFFF;
        if (free > size) {
            Counters.add(counters, QueueCounters.BAD_INDEX, 1);
            return 0;
        }
        Buffers buffers = this.buffers;
        boolean client = credit != 0;
        int mask = size - 1;
        int slot = filled;
        int last = slot + free;
        int next = from;
        int end = from + count;
        int lost = 0;
        long bytes = 0;
        while (next < end && slot != last) {
            long packet = packets[next];
            int length = (int) packet & 0xFFFF;
            long descriptor = Layout.descriptor(ring, slot & mask);
            long word = client ? 0 : Memory.getLong(descriptor);
            long target = buffers.locate(slot & mask, descriptor, word, buffers.room(word));
            if (packet < 0 || length == 0 || length > longest || length > buffers.room(word) || target == 0) {
                int total = total(packet);
                int slots = sendUnusual(packet, total, slot, last);
                if (slots == 0) {
                    break;
                }
                lost += slots < 0 ? 1 : 0;
                bytes += slots < 0 ? 0 : total;
                slot += Math.max(0, slots);
            } else {
                Buffers.copy(Packet.address(packet), target, length);
                Memory.putLong(descriptor, word & REGION | (long) length << 32);
                bytes += length;
                slot++;
            }
            next++;
        }
        int taken = next - from;
        if (slot != filled) {
            publish(slot);
        }
        Guard.settle(); // if the other side's memory is gone, the packets are still the caller's
        PacketPool.release(packets, from, taken);
        Counters.add(counters, QueueCounters.BYTES, bytes);
        Counters.add(counters, QueueCounters.PACKETS, taken - lost);
        return taken;
    }

    private void publish(int slot) {
        filled = slot & 0xFFFF;
        // release: pairs with the other side's acquire, after which it reads the slots
        Memory.putShortRelease(filledIndex, (short) slot);
        bell.ring();
    }

    private static int total(long packet) {
        int total = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            total += Packet.length(segment);
        }
        return total;
    }

    /// Sends a packet of several segments, or one that takes several slots.
    ///
    /// @return how many slots it took; 0 if there are not enough yet, -1 if it can never be sent
    private int sendUnusual(long packet, int total, int slot, int last) {
        if (total == 0 || total > longest) {
            Counters.add(counters, total == 0 ? QueueCounters.EMPTY : QueueCounters.TOO_LONG, 1);
            return -1;
        }
        int mask = size - 1;
        long room = 0;
        int slots = 0;
        while (room < total) {
            if (slot + slots == last) {
                if (slots < size) {
                    return 0;
                }
                Counters.add(counters, QueueCounters.TOO_LONG, 1);
                return -1;
            }
            long descriptor = Layout.descriptor(ring, slot + slots & mask);
            long word = credit != 0 ? 0 : Memory.getLong(descriptor);
            long target = buffers.locate(slot + slots & mask, descriptor, word, buffers.room(word));
            words[slots] = word;
            targets[slots] = target;
            room += target == 0 ? 0 : buffers.room(word);
            slots++;
        }
        scatter(packet, total, slot, slots);
        return slots;
    }

    /// Copies all segments into the slots' buffers, one of which may be nowhere and stays empty.
    private void scatter(long packet, int total, int slot, int slots) {
        long segment = packet;
        int offset = 0; // in the segment
        int left = total;
        for (int i = 0; i < slots; i++) {
            int room = targets[i] == 0 ? 0 : (int) Math.min(left, buffers.room(words[i]));
            int copied = 0;
            while (copied < room) {
                int bytes = Math.min(Packet.length(segment) - offset, room - copied);
                Memory.copy(Packet.address(segment) + offset, targets[i] + copied, bytes);
                copied += bytes;
                offset += bytes;
                if (offset == Packet.length(segment)) {
                    segment = Packet.next(segment);
                    offset = 0;
                }
            }
            left -= room;
            Counters.add(counters, QueueCounters.BAD_BUFFER, targets[i] == 0 ? 1 : 0);
            long flags = i < slots - 1 ? Layout.NEXT : 0;
            Memory.putLong(Layout.descriptor(ring, slot + i & size - 1), flags | words[i] & REGION | (long) room << 32);
        }
    }

    /// Packets are given back as they are sent.
    @Override
    public int reclaim() {
        return 0;
    }

    @Override
    public int unread() {
        // acquire: as in send()
        int free = (Memory.getShortAcquire(freedIndex) + credit - filled) & 0xFFFF;
        return Math.max(0, size - free);
    }

    /// Nothing is held between bursts.
    @Override
    public void close() {}
}
