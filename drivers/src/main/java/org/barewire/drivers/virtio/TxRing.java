package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESCRIPTOR;
import static org.barewire.drivers.vhost.VirtioNet.DESC_NEXT;
import static org.barewire.drivers.vhost.VirtioNet.F_INDIRECT_DESC;
import static org.barewire.drivers.vhost.VirtioNet.F_IN_ORDER;

import java.util.Arrays;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.vhost.VirtioNet;

/// What split and packed transmit rings have in common: packets under way, and how a packet becomes
/// descriptors.
///
/// A packet of one segment is one descriptor; its header lies in the headroom in front of it, or apart for
/// legacy devices without ANY_LAYOUT (5.1.6.6). Further segments are further descriptors, in an indirect table
/// if the device takes those (2.7.5.3). What the device writes is checked: an id must be that of a packet it
/// has.
abstract class TxRing {
    /// The most segments of one packet; one entry of a table is for a header of its own.
    static final int MAX_SEGMENTS = RingLayout.TABLE - 1;

    final int mask;
    final int headerLength;
    final int longest;
    final boolean inOrder;
    final boolean headerApart;
    final long[] packets; // by id; 0 if the device has none
    final int[] free; // ids, a queue: in-order devices want them in order (2.7.9)
    final int[] order; // ids in the order in which they were sent
    int freeHead;
    int freeTail;
    int sent; // packets, counts without end, as does:
    int completed;
    final long counters;

    private final RingLayout layout;
    private final TxHeader header;
    private final boolean indirect;
    private final long[] addresses = new long[RingLayout.TABLE];
    private final int[] lengths = new int[RingLayout.TABLE];
    private final long[] done = new long[64];
    private int doneCount;

    /// @param longest the longest frame, without its check sequence, that may be sent
    TxRing(RingLayout layout, long features, int longest, long counters) {
        this.layout = layout;
        this.mask = layout.size() - 1;
        this.headerLength = VirtioNet.headerLength(features);
        this.longest = longest;
        this.inOrder = (features & F_IN_ORDER) != 0;
        this.headerApart = RxRing.isHeaderApart(features);
        this.header = new TxHeader(features, longest);
        this.indirect = (features & F_INDIRECT_DESC) != 0;
        this.packets = new long[layout.size()];
        this.free = new int[layout.size()];
        this.order = new int[layout.size()];
        Arrays.setAll(free, id -> id);
        this.freeTail = layout.size();
        this.counters = counters;
    }

    /// A ring of the kind that the layout asks for.
    static TxRing create(RingLayout layout, long features, int longest, Notifier notifier, long counters) {
        return layout.packed()
                ? new PackedTxRing(layout, features, longest, notifier, counters)
                : new SplitTxRing(layout, features, longest, notifier, counters);
    }

    /// See {@link org.barewire.core.device.TxQueue#send}.
    abstract int send(long[] out, int from, int count);

    /// Takes back what the device has used.
    abstract void clean();

    /// Descriptors that are free.
    abstract int room();

    /// Makes a packet available that is `entries` of the arrays, under the id that is next in `free`; doesn't
    /// publish it.
    ///
    /// @param flags of the only descriptor, if there is one
    abstract void write(long packet, long[] addresses, int[] lengths, int entries, int flags);

    /// Makes all that was written visible, and notifies the device if it wants that.
    abstract void publish();

    /// Says that the packet has an empty header. The line is written only if it has to be: the device may
    /// still share it. Where the headroom is used up this is the metadata's line, of which a packet without
    /// metadata has no need.
    static void clearHeader(long packet) {
        long header = Packet.address(packet) - VirtioNet.HEADER;
        if ((Memory.getLong(header) | Memory.getInt(header + 8)) != 0) {
            Memory.putLong(header, 0);
            Memory.putInt(header + 8, 0);
        }
    }

    /// Goes on packet by packet where one has metadata, a length that can't be sent, or not enough room.
    final int sendUnusual(long[] out, int from, int count, int taken) {
        int n = taken;
        int errors = 0;
        long bytes = 0;
        for (; n < count; n++) {
            long packet = out[from + n];
            int total = total(packet);
            if (total == 0 || !header.isPossible(packet, total)) {
                (total == 0 ? Counter.TOO_LONG : Counter.NOT_POSSIBLE).add(counters, 1);
                PacketPool.release(packet);
                errors++;
                continue;
            }
            int entries = describe(packet);
            if (!hasRoom(entries)) {
                clean();
                if (!hasRoom(entries)) {
                    break;
                }
            }
            write(packet, total);
            bytes += total;
        }
        if (n - errors > taken) {
            publish();
        }
        Counter.PACKETS.add(counters, n - taken - errors);
        Counter.BYTES.add(counters, bytes);
        Counter.ERRORS.add(counters, errors);
        return n;
    }

    private boolean hasRoom(int entries) {
        return room() >= (indirect ? 1 : entries) && freeTail != freeHead;
    }

    /// Bytes in all segments, or 0 if it has a segment too many or is too long.
    private int total(long packet) {
        int total = 0;
        int segments = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            int length = Packet.length(segment);
            if (length == 0 || ++segments > MAX_SEGMENTS) {
                return 0;
            }
            total += length;
        }
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        return total <= header.longest(flags) ? total : 0;
    }

    /// How many descriptors a packet takes, a header of its own included, whether or not it will be needed.
    private static int describe(long packet) {
        int entries = 1;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            entries++;
        }
        return entries;
    }

    private void write(long packet, int total) {
        long spare = layout.spare() + (long) free[freeHead & mask] * RingLayout.SPARE;
        boolean plain = !Packet.hasMetadata(packet);
        long prepared = plain ? packet : header.prepare(packet, total);
        boolean inHeadroom = !headerApart && (plain || Packet.headroom(prepared) >= VirtioNet.HEADER);
        int entries = 0;
        if (!inHeadroom) {
            addresses[entries] = PacketMemory.ioAddress(spare);
            lengths[entries++] = headerLength;
        }
        for (long segment = prepared; segment != 0; segment = Packet.next(segment)) {
            addresses[entries] = Packet.ioAddress(segment);
            lengths[entries++] = Packet.length(segment);
        }
        long headerAt = inHeadroom ? Packet.address(prepared) - headerLength : spare;
        if (inHeadroom) {
            addresses[0] -= headerLength;
            lengths[0] += headerLength;
        }
        header.write(headerAt, prepared, headerLength);
        if (indirect && entries > 1) {
            writeTable(spare + 16, entries);
            addresses[0] = PacketMemory.ioAddress(spare + 16);
            lengths[0] = entries * DESCRIPTOR;
            write(prepared, addresses, lengths, 1, VirtioNet.DESC_INDIRECT);
        } else {
            write(prepared, addresses, lengths, entries, 0);
        }
    }

    /// In a packed ring's table the flags and next fields lie elsewhere and are not used (2.8.7).
    private void writeTable(long table, int entries) {
        for (int i = 0; i < entries; i++) {
            long descriptor = table + (long) i * DESCRIPTOR;
            long link = layout.packed() || i == entries - 1 ? 0 : (long) (i + 1) << 48 | (long) DESC_NEXT << 32;
            Memory.putLong(descriptor, addresses[i]);
            Memory.putLong(descriptor + 8, link | lengths[i]);
        }
    }

    /// Notes that the device has done with the packet of an id; false if it doesn't have that.
    final boolean complete(int id) {
        long packet = Integer.compareUnsigned(id, mask) <= 0 ? packets[id] : 0;
        if (packet == 0) {
            refuse(Counter.BAD_ID);
            return false;
        }
        packets[id] = 0;
        completed++;
        done[doneCount++] = packet;
        if (doneCount == done.length) {
            flush();
        }
        return true;
    }

    /// Gives completed packets back to their pools.
    final void flush() {
        PacketPool.release(done, 0, doneCount);
        doneCount = 0;
    }

    final void refuse(Counter why) {
        why.add(counters, 1);
        Counter.ERRORS.add(counters, 1);
    }

    /// Gives all packets and the ring's memory back. Called when the device has stopped using the ring.
    final void release(PacketMemory memory) {
        flush();
        for (int id = 0; id <= mask; id++) {
            if (packets[id] != 0) {
                PacketPool.release(packets[id]);
                packets[id] = 0;
            }
        }
        layout.free(memory);
    }
}
