package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.F_MRG_RXBUF;

import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.vhost.VirtioNet;

/// What split and packed receive rings have in common: buffers, and packets that are put together from
/// them.
///
/// Each buffer is one descriptor; the packet's header goes into the headroom in front of the data (5.1.6).
/// All that the device writes is checked: an id must be that of a buffer it has, a length must fit. A
/// buffer that came back is replaced by a fresh one, a batch at a time, and ids are used in the order in
/// which they came back, as in-order devices want it (2.7.9).
abstract class RxRing {
    /// No buffer has come back.
    static final long NONE = -1;

    private static final int REFILL = 32;

    final int mask;
    final int headerLength;
    final boolean mergeable;
    final boolean describes;
    final int longest; // data of a packet that lies in one buffer
    final int bufferLength;
    final long[] buffers; // by id, a packet of length 0 that the device has; 0 if none
    final int[] empty; // ids without a buffer, a queue
    int emptyHead;
    int emptyTail;
    final long counters;

    private final RingLayout layout;
    private final PacketPool pool;
    private final RxHeader header;
    private final int longestFrame;
    private final long[] fresh = new long[REFILL];
    private long chain; // first segment of a packet of which buffers are missing, or 0
    private long chainEnd;
    private int missing;

    RxRing(RingLayout layout, long features, RxHeader header, PacketPool pool, int longestFrame, long counters) {
        this.layout = layout;
        this.mask = layout.size() - 1;
        this.headerLength = VirtioNet.headerLength(features);
        this.mergeable = (features & F_MRG_RXBUF) != 0;
        this.header = header;
        this.describes = header.describes();
        this.longest = Math.min(pool.capacity(), longestFrame);
        this.longestFrame = longestFrame;
        this.bufferLength = headerLength + pool.capacity();
        this.buffers = new long[layout.size()];
        this.empty = new int[layout.size()];
        for (int id = 0; id < layout.size(); id++) {
            empty[id] = id;
        }
        this.emptyTail = layout.size();
        this.pool = pool;
        this.counters = counters;
    }

    /// Takes up to `count` packets; see {@link org.barewire.core.device.RxQueue#receive(long[], int, int)}.
    abstract int receive(long[] packets, int from, int count);

    /// Takes the next used element: length in the upper half, id in the lower; or {@link #NONE}.
    abstract long nextUsed();

    /// Makes a buffer available, without telling the device yet.
    abstract void post(int id, long address);

    /// Makes all that was posted visible, and notifies the device if it wants that.
    abstract void publish();

    final int outstanding() {
        return mask + 1 - (emptyTail - emptyHead);
    }

    /// Gives the device fresh buffers for those that came back, if there are enough of them to be worth it.
    final void refill() {
        while (emptyTail - emptyHead >= REFILL) {
            int n = pool.allocate(fresh, 0, REFILL);
            for (int i = 0; i < n; i++) {
                long buffer = fresh[i];
                int id = empty[emptyHead++ & mask];
                buffers[id] = buffer;
                post(id, Packet.ioAddress(buffer) - headerLength);
            }
            if (n > 0) {
                publish();
            }
            if (n < REFILL) {
                return;
            }
        }
    }

    /// Goes on buffer by buffer where there is more to a packet than its bytes: several buffers, metadata,
    /// or what a device should not say.
    final int receiveUnusual(long[] packets, int from, int count, int received) {
        int n = received;
        long bytes = 0;
        long used;
        while (n < count && (used = nextUsed()) != NONE) {
            long packet = take((int) used, (int) (used >>> 32));
            if (packet != 0) {
                packets[from + n++] = packet;
                bytes += Packet.totalLength(packet);
            }
        }
        Counter.PACKETS.add(counters, n - received);
        Counter.BYTES.add(counters, bytes);
        return n;
    }

    /// Takes a buffer; returns the packet that it completes, or 0.
    private long take(int id, int length) {
        long buffer = Integer.compareUnsigned(id, mask) <= 0 ? buffers[id] : 0;
        if (buffer == 0) {
            dropChain();
            return refuse(Counter.BAD_ID, 0);
        }
        buffers[id] = 0;
        empty[emptyTail++ & mask] = id;
        if (missing > 0) {
            return append(buffer, length);
        }
        int data = length - headerLength;
        if (data <= 0 || length > bufferLength) {
            return refuse(Counter.BAD_LENGTH, buffer);
        }
        long packet = buffer | data;
        int count = mergeable ? Memory.getShort(Packet.address(buffer) - 2) & 0xFFFF : 1;
        if (count == 1) {
            return data > longestFrame && !header.isLong(packet, headerLength)
                    ? refuse(Counter.TOO_LONG, packet)
                    : finish(packet, Packet.address(buffer));
        }
        if (count == 0 || count > mask + 1) {
            return refuse(Counter.BAD_HEADER, packet);
        }
        chain = Metadata.begin(packet);
        chainEnd = chain;
        missing = count - 1;
        return 0;
    }

    /// A further buffer has no header (5.1.6.4): data begins where the header would.
    private long append(long buffer, int length) {
        if (length <= 0 || length > bufferLength) {
            dropChain();
            return refuse(Counter.BAD_LENGTH, buffer);
        }
        missing--;
        long segment = Packet.of(Packet.address(buffer) - headerLength, length);
        long linked = missing == 0 ? segment : Metadata.begin(segment);
        Metadata.setNext(chainEnd, linked);
        Metadata.setTotalLength(chain, Metadata.totalLength(chain) + length);
        chainEnd = linked;
        if (missing > 0) {
            return 0;
        }
        long packet = chain;
        chain = 0;
        if (Metadata.totalLength(packet) > longestFrame && !header.isLong(packet, headerLength)) {
            return refuse(Counter.TOO_LONG, packet);
        }
        return finish(packet, Packet.address(packet));
    }

    private long finish(long packet, long address) {
        if (!describes) {
            return packet;
        }
        long described = header.describe(packet, address - headerLength);
        return described == 0 ? refuse(Counter.BAD_HEADER, packet) : described;
    }

    private long refuse(Counter why, long packet) {
        why.add(counters, 1);
        Counter.ERRORS.add(counters, 1);
        if (packet != 0) {
            PacketPool.release(packet);
        }
        return 0;
    }

    private void dropChain() {
        if (chain != 0) {
            PacketPool.release(chain);
            chain = 0;
        }
        missing = 0;
    }

    /// Gives all buffers and the ring's memory back. Called when the device has stopped using the ring.
    final void release(PacketMemory memory) {
        dropChain();
        for (int id = 0; id <= mask; id++) {
            if (buffers[id] != 0) {
                PacketPool.release(buffers[id]);
                buffers[id] = 0;
            }
        }
        layout.free(memory);
    }
}
