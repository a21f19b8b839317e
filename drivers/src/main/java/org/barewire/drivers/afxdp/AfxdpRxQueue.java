package org.barewire.drivers.afxdp;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.XdpSocket;
import org.barewire.core.linux.XdpSocket.Mapping;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// The receive ring of an AF_XDP socket, and the fill ring that gives the kernel buffers for it.
///
/// As many buffers as a ring has entries are the kernel's, in the fill ring, under way in the device or in the
/// receive ring; so neither ring can overflow.
final class AfxdpRxQueue implements RxQueue {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    static final int ERRORS = 2;

    private static final int REFILL = 32;

    private final int fd;
    private final PacketPool pool;
    private final Umem umem;
    private final long base; // address of offset 0
    private final int chunk;
    private final int mask;
    private final long rxProducer;
    private final long rxConsumer;
    private final long rxEntries;
    private final long fillProducer;
    private final long fillFlags;
    private final long fillEntries;
    private final SlotSet lent;
    private final long[] fresh = new long[REFILL];
    private final long counters;
    private int next; // of the receive ring
    private int filled; // of the fill ring
    private long chain; // first segment of a packet whose end has not been seen, or 0
    private long chainEnd;

    AfxdpRxQueue(QueueSocket.Rings rings, PacketPool pool, int entries) {
        Mapping rx = rings.rx();
        Mapping fill = rings.fill();
        this.fd = rings.fd();
        this.pool = pool;
        this.umem = rings.umem();
        this.base = umem.own().start();
        this.chunk = rings.chunk();
        this.mask = entries - 1;
        this.rxProducer = rx.producer();
        this.rxConsumer = rx.consumer();
        this.rxEntries = rx.entries();
        this.fillProducer = fill.producer();
        this.fillFlags = fill.flags();
        this.fillEntries = fill.entries();
        this.lent = new SlotSet(pool.region().length());
        this.counters = Counters.allocate();
    }

    /// Gives the kernel its first buffers. Called before packets are sent here.
    void start() {
        refill();
        pool.unbind();
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        int first = next;
        // acquire: pairs with the kernel's store-release after the descriptors (net/xdp/xsk_queue.h)
        int waiting = Memory.getIntAcquire(rxProducer) - first;
        int n = Math.min(Math.min(waiting, count), mask + 1);
        if (n <= 0) {
            refill();
            wakeKernel();
            return 0;
        }
        long base = this.base;
        long entries = rxEntries;
        int mask = this.mask;
        int chunk = this.chunk;
        SlotSet lent = this.lent;
        int to = from;
        long bytes = 0;
        for (int i = 0; i < n; i++) {
            long descriptor = entries + ((long) (first + i & mask) << 4);
            long offset = Memory.getLong(descriptor);
            long word = Memory.getLong(descriptor + 8); // length, and options above it
            long inChunk = offset & chunk - 1;
            if (word > 0 && word <= chunk - inChunk && chain == 0 && lent.remove(offset - inChunk)) {
                packets[to++] = base + offset << 16 | word;
                bytes += word;
            } else {
                long packet = takeUnusual(offset, word);
                if (packet != 0) {
                    packets[to++] = packet;
                    bytes += Packet.totalLength(packet);
                }
            }
        }
        next = first + n;
        Memory.putIntRelease(rxConsumer, first + n); // after the last read of the descriptors
        Counters.add(counters, PACKETS, to - from);
        Counters.add(counters, BYTES, bytes);
        refill();
        return to - from;
    }

    /// Takes a segment of a packet in several, or something that can't be: returns the packet that it ends,
    /// or 0.
    private long takeUnusual(long offset, long word) {
        long inChunk = offset & chunk - 1;
        if (!lent.remove(offset - inChunk)) {
            Counters.add(counters, ERRORS, 1);
            return 0;
        }
        long length = word & 0xFFFF_FFFFL;
        long segment = Packet.of(base + offset, 0);
        if (length == 0 || length > chunk - inChunk) {
            PacketPool.release(segment);
            dropChain();
            Counters.add(counters, ERRORS, 1);
            return 0;
        }
        boolean last = (word >>> 32 & XdpSocket.CONTINUES) == 0;
        append(segment | length, last);
        if (!last) {
            return 0;
        }
        long packet = chain;
        chain = 0;
        return packet;
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

    /// Gives the kernel buffers for those that it has used, many at a time.
    private void refill() {
        int room = mask + 1 - lent.size();
        if (room < REFILL) {
            return;
        }
        int slot = filled;
        int n;
        do {
            n = pool.allocate(fresh, 0, Math.min(room, REFILL));
            for (int i = 0; i < n; i++) {
                long offset = Packet.address(fresh[i]) - base & -chunk;
                Memory.putLong(fillEntries + ((long) (slot + i & mask) << 3), offset);
                lent.add(offset);
            }
            slot += n;
            room -= n;
        } while (n == REFILL && room > 0);
        filled = slot;
        Memory.putIntRelease(fillProducer, slot); // after the addresses; the kernel load-acquires it
        wakeKernel();
    }

    /// The kernel asks for it where the device, not the sender's processor, takes the buffers.
    private void wakeKernel() {
        if ((Memory.getInt(fillFlags) & XdpSocket.NEED_WAKEUP) != 0) {
            XdpSocket.wakeReceiver(fd);
        }
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    /// Dropped is what the kernel has no room for: it counts that itself, see {@link Afxdp#statistics}.
    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(Counters.get(counters, PACKETS), 0, Counters.get(counters, ERRORS));
    }

    long bytes() {
        return Counters.get(counters, BYTES);
    }

    /// Gives all buffers back. Called when the socket has been closed.
    void free() {
        dropChain();
        lent.releaseAll(umem);
        Counters.free(counters);
    }
}
