package org.barewire.drivers.afxdp;

import java.lang.invoke.VarHandle;
import java.util.List;
import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Socket;
import org.barewire.core.linux.XdpSocket;
import org.barewire.core.linux.XdpSocket.Mapping;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.afxdp.Umem.Part;

/// The transmit ring of an AF_XDP socket, and the completion ring in which the kernel gives packets back.
///
/// A packet is sent from where it lies if that is in the socket's memory, in one piece and within a chunk; it
/// is copied into a {@linkplain CopyBuffers buffer of the queue's own} otherwise.
final class AfxdpTxQueue implements TxQueue {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    static final int DROPPED = 2;
    static final int ERRORS = 3;
    static final int COPIED = 4;

    /// The shortest frame that is sent: one that has nothing but an Ethernet header.
    static final int MIN_LENGTH = 14;

    private static final int REAP = 64;

    private final int fd;
    private final Umem umem;
    private final int chunk;
    private final int longest;
    private final int mask;
    private final long txProducer;
    private final long txConsumer;
    private final long txFlags;
    private final long txEntries;
    private final long doneProducer;
    private final long doneConsumer;
    private final long doneEntries;
    private final SlotSet lent;
    private final CopyBuffers copies;
    private final long[] done = new long[REAP];
    private final long counters;
    private final Part own; // where copies are, at offset 0
    private List<Part> open; // what the window was chosen from
    private Part window; // where the packets that are sent lie, as far as is known
    private int next; // of the transmit ring
    private int reaped; // of the completion ring

    /// @param longest the longest frame that may be sent
    AfxdpTxQueue(QueueSocket.Rings rings, CopyBuffers copies, int entries, int longest) {
        Mapping tx = rings.tx();
        Mapping completion = rings.completion();
        this.fd = rings.fd();
        this.umem = rings.umem();
        this.chunk = rings.chunk();
        this.longest = longest;
        this.mask = entries - 1;
        this.txProducer = tx.producer();
        this.txConsumer = tx.consumer();
        this.txFlags = tx.flags();
        this.txEntries = tx.entries();
        this.doneProducer = completion.producer();
        this.doneConsumer = completion.consumer();
        this.doneEntries = completion.entries();
        this.open = umem.open();
        this.own = umem.own();
        this.window = own;
        this.lent = new SlotSet(umem.length());
        this.copies = copies;
        this.counters = Counters.allocate();
    }

    @Override
    public int send(long[] out, int from, int count) {
        reap();
        if (open != umem.open()) {
            open = umem.open();
            window = own;
        }
        int taken = 0;
        int ready = Math.min(count, room());
        while (taken < ready) {
            taken += sendPlain(out, from + taken, ready - taken);
            if (taken < ready && !moveWindow(out[from + taken])) {
                if (!sendUnusual(out[from + taken])) {
                    break;
                }
                taken++;
                ready = Math.min(count, taken + room());
            }
        }
        publish();
        return taken;
    }

    /// Sends packets up to the first that has metadata, lies elsewhere or can't be sent; there is room for all.
    private int sendPlain(long[] packets, int from, int count) {
        long entries = txEntries;
        int mask = this.mask;
        int chunk = this.chunk;
        int spread = longest - MIN_LENGTH;
        long start = window.start();
        long size = window.end() - start;
        long toOffset = window.offset();
        SlotSet lent = this.lent;
        int slot = next;
        long bytes = 0;
        int i = 0;
        for (; i < count; i++) {
            long packet = packets[from + i];
            int length = (int) packet & 0xFFFF;
            long inWindow = (packet >>> 16) - start; // outside of it if there is metadata
            if (Integer.compareUnsigned(length - MIN_LENGTH, spread) > 0
                    || Long.compareUnsigned(inWindow, size) >= 0
                    || (inWindow & chunk - 1) + length > chunk) {
                break;
            }
            long offset = inWindow + toOffset;
            long descriptor = entries + ((long) (slot & mask) << 4);
            Memory.putLong(descriptor, offset);
            Memory.putLong(descriptor + 8, length);
            lent.add(offset);
            bytes += length;
            slot++;
        }
        next = slot;
        Counters.add(counters, PACKETS, i);
        Counters.add(counters, BYTES, bytes);
        return i;
    }

    /// Moves the window to where a packet lies; false if it is there already, or can't be.
    private boolean moveWindow(long packet) {
        long address = Packet.address(packet);
        if (!window.holds(address)) {
            for (int i = 0; i < open.size(); i++) {
                if (open.get(i).holds(address)) {
                    window = open.get(i);
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public int sendOrRelease(long[] out, int from, int count) {
        int sent = send(out, from, count);
        if (sent < count) {
            PacketPool.release(out, from + sent, count - sent);
            Counters.add(counters, DROPPED, count - sent);
        }
        return sent;
    }

    /// Sends a packet that has metadata, lies elsewhere or can't be sent; false if there is no room for it.
    private boolean sendUnusual(long packet) {
        int total = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            total += Packet.length(segment);
        }
        int pieces = total / chunk + 2; // with a VLAN tag that is put in
        if (pieces > Math.min(room(), copies.available())) {
            return false;
        }
        long ready = total < MIN_LENGTH || total > longest ? 0 : Offloads.apply(packet);
        if (ready == 0) {
            PacketPool.release(packet);
            Counters.add(counters, ERRORS, 1);
            return true;
        }
        Counters.add(counters, PACKETS, 1);
        Counters.add(counters, BYTES, total);
        long address = Packet.address(ready);
        int length = Packet.length(ready);
        if (window.holds(address) && Packet.next(ready) == 0 && (address & chunk - 1) + length <= chunk) {
            write(address - window.start() + window.offset(), length);
        } else {
            copy(ready);
        }
        return true;
    }

    /// Copies a packet's segments, as many as fit, into each of the buffers that are sent in its place.
    private void copy(long packet) {
        Counters.add(counters, COPIED, 1);
        long buffer = copies.take();
        int used = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            long address = Packet.address(segment);
            int left = Packet.length(segment);
            while (left > 0) {
                if (used == chunk) {
                    write(buffer - own.start(), (long) XdpSocket.CONTINUES << 32 | used);
                    buffer = copies.take();
                    used = 0;
                }
                int part = Math.min(left, chunk - used);
                Memory.copy(address, buffer + used, part);
                address += part;
                used += part;
                left -= part;
            }
        }
        write(buffer - own.start(), used);
        PacketPool.release(packet);
    }

    /// @param word length, and options above it
    private void write(long offset, long word) {
        long descriptor = txEntries + ((long) (next & mask) << 4);
        Memory.putLong(descriptor, offset);
        Memory.putLong(descriptor + 8, word);
        lent.add(offset);
        next++;
    }

    /// Free entries of the transmit ring.
    private int room() {
        // acquire: pairs with the kernel's store-release after it has read the descriptors (xsk_queue.h)
        int used = next - Memory.getIntAcquire(txConsumer);
        return Integer.compareUnsigned(used, mask + 1) > 0 ? 0 : mask + 1 - used;
    }

    private boolean isEmpty() {
        return Memory.getIntAcquire(txConsumer) == next;
    }

    /// Hands what has been written to the kernel and, if it wants to be told, tells it.
    private void publish() {
        Memory.putIntRelease(txProducer, next); // after the descriptors; the kernel load-acquires it
        VarHandle.fullFence(); // the kernel sets the flag, then looks at the ring once more
        if ((Memory.getInt(txFlags) & XdpSocket.NEED_WAKEUP) != 0 && !isEmpty()) {
            kick();
        }
    }

    /// Where the kernel copies, it does so within the call, up to its budget or until its own buffers are used
    /// up.
    private void kick() {
        int before;
        int errno;
        do {
            before = Memory.getIntAcquire(txConsumer);
            errno = Socket.kick(fd);
        } while (errno == Errno.EAGAIN && Memory.getIntAcquire(txConsumer) != before && !isEmpty());
    }

    /// Gives packets back that the kernel is done with, in whatever order.
    private void reap() {
        int first = reaped;
        // acquire: pairs with the kernel's store-release after it has written the addresses
        int ready = Math.min(Memory.getIntAcquire(doneProducer) - first, mask + 1);
        if (ready <= 0) {
            return;
        }
        Part part = window;
        int given = 0;
        for (int i = 0; i < ready; i++) {
            long offset = Memory.getLong(doneEntries + ((long) (first + i & mask) << 3));
            if (!lent.remove(offset)) {
                Counters.add(counters, ERRORS, 1);
                continue;
            }
            if (!part.holdsOffset(offset)) {
                part = umem.at(offset);
            }
            long address = part.start() + offset - part.offset();
            if (copies.owns(address)) {
                copies.put(address & -chunk); // of an address in it
            } else {
                done[given++] = address << 16;
                if (given == REAP) {
                    PacketPool.release(done, 0, given);
                    given = 0;
                }
            }
        }
        PacketPool.release(done, 0, given);
        reaped = first + ready;
        Memory.putIntRelease(doneConsumer, first + ready); // after the last read of the addresses
    }

    @Override
    public int reclaim() {
        reap();
        if (lent.size() > 0 && !isEmpty()) {
            publish();
            reap();
        }
        return lent.size();
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(
                Counters.get(counters, PACKETS), Counters.get(counters, DROPPED), Counters.get(counters, ERRORS));
    }

    long bytes() {
        return Counters.get(counters, BYTES);
    }

    long copied() {
        return Counters.get(counters, COPIED);
    }

    /// Gives back what has not been sent. Called when the socket has been closed.
    void free() {
        lent.releaseAll(umem);
        Counters.free(counters);
    }
}
