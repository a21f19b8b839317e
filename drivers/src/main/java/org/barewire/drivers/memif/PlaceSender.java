package org.barewire.drivers.memif;

import org.barewire.core.device.Counters;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// The client's end of a C2S ring whose slots point at packets where they are. A packet goes back to its pool
/// when the server has done with it; one that is in memory the server has not been given is copied.
final class PlaceSender implements Sender {
    private static final int STEP = 32; // slots given back at once

    private final long ring;
    private final int size;
    private final SharedRegions regions;
    private final PacketPool copies;
    private final Assembler assembler;
    private final int longest;
    private final Doorbell bell;
    private final long counters;
    private final long[] packets; // of each slot, what is released when it is done; 0 for all segments but the last
    private int filled; // slots, modulo 2^16
    private int clean; // slots given back, modulo 2^16
    private boolean chained; // some slot has 0

    /// @param copies  for packets in memory that is not shared; this queue's
    /// @param longest frame that may be sent
    /// @param event   by which the server is woken
    PlaceSender(
            long ring, int size, SharedRegions regions, PacketPool copies, int longest, EventFd event, long counters) {
        this.ring = ring;
        this.size = size;
        this.regions = regions;
        this.copies = copies;
        this.assembler = new Assembler(copies);
        this.longest = longest;
        this.bell = new Doorbell(ring, event);
        this.counters = counters;
        this.packets = new long[size];
    }

    @Override
    public int send(long[] out, int from, int count) {
        int free = size - clean(count);
        long[] packets = this.packets;
        int mask = size - 1;
        int slot = filled;
        int last = slot + free;
        int next = from;
        int end = from + count;
        int lost = 0;
        long bytes = 0;
        while (next < end && slot != last) {
            long packet = out[next];
            int length = (int) packet & 0xFFFF;
            long place = regions.find(packet >>> 16);
            if (packet < 0 || length == 0 || length > longest || place < 0) {
                int total = total(packet);
                int slots = sendUnusual(packet, total, slot, last);
                if (slots == 0) {
                    break;
                }
                lost += slots < 0 ? 1 : 0;
                bytes += slots < 0 ? 0 : total;
                slot += Math.max(0, slots);
            } else {
                packets[slot & mask] = packet;
                Layout.write(
                        Layout.descriptor(ring, slot & mask),
                        Layout.word(0, (int) (place >>> 32), length),
                        place & 0xFFFF_FFFFL);
                bytes += length;
                slot++;
            }
            next++;
        }
        if (slot != filled) {
            filled = slot & 0xFFFF;
            // release: pairs with the server's acquire, after which it reads the slots and what they point at
            Memory.putShortRelease(Layout.head(ring), (short) slot);
            bell.ring();
        }
        Counters.add(counters, QueueCounters.BYTES, bytes);
        Counters.add(counters, QueueCounters.PACKETS, next - from - lost);
        return next - from;
    }

    private static int total(long packet) {
        int total = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            total += Packet.length(segment);
        }
        return total;
    }

    /// Sends a packet of several segments, or one that has to be copied.
    ///
    /// @return how many slots it took; 0 if there are not enough, or no buffers to copy to, yet; -1 if it can
    ///     never be sent, and has been released
    private int sendUnusual(long packet, int total, int slot, int last) {
        int slots = 0;
        boolean shared = true;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            shared &= regions.find(Packet.address(segment)) >= 0;
            slots++;
        }
        if (!shared) {
            slots = (total + copies.capacity() - 1) / copies.capacity();
        }
        if (total == 0 || total > longest || slots > size) {
            Counters.add(counters, total == 0 ? QueueCounters.EMPTY : QueueCounters.TOO_LONG, 1);
            PacketPool.release(packet);
            return -1;
        }
        if (slot + slots > last) {
            return 0;
        }
        long sent = shared ? packet : copy(packet, total);
        if (sent != 0) {
            write(sent, slot);
        }
        return sent == 0 ? 0 : slots;
    }

    /// A packet in shared memory in place of one that is not, which is released; 0 if there is not enough now.
    private long copy(long packet, int total) {
        assembler.begin(total);
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            if (!assembler.add(Packet.address(segment), Packet.length(segment))) {
                return 0;
            }
        }
        PacketPool.release(packet);
        return assembler.take();
    }

    private void write(long packet, int slot) {
        int at = slot;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            long place = regions.find(Packet.address(segment));
            boolean last = Packet.next(segment) == 0;
            packets[at & size - 1] = last ? packet : 0;
            chained |= !last;
            Layout.write(
                    Layout.descriptor(ring, at & size - 1),
                    Layout.word(last ? 0 : Layout.NEXT, (int) (place >>> 32), Packet.length(segment)),
                    place & 0xFFFF_FFFFL);
            at++;
        }
    }

    /// Gives packets back that the server has done with, if room for `wanted` is needed or there are some;
    /// returns how many slots are still in use.
    private int clean(int wanted) {
        int used = (filled - clean) & 0xFFFF;
        if (used < STEP && size - used >= wanted) {
            return used;
        }
        // acquire: pairs with the server's release, before which it has read the packets
        int done = (Memory.getShortAcquire(Layout.tail(ring)) - clean) & 0xFFFF;
        if (done > used) {
            Counters.add(counters, QueueCounters.BAD_INDEX, 1);
            return used;
        }
        release(done);
        return used - done;
    }

    private void release(int count) {
        int mask = size - 1;
        int first = clean & mask;
        if (!chained && first + count <= size) {
            PacketPool.release(packets, first, count);
        } else {
            for (int i = 0; i < count; i++) {
                PacketPool.release(packets[first + i & mask]); // of 0 nothing is released
            }
        }
        clean = (clean + count) & 0xFFFF;
        chained &= clean != filled;
    }

    @Override
    public int reclaim() {
        return clean(size + 1);
    }

    @Override
    public int unread() {
        return clean(size + 1);
    }

    @Override
    public void close() {
        release((filled - clean) & 0xFFFF);
    }
}
