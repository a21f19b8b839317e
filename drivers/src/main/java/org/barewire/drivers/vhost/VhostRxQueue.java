package org.barewire.drivers.vhost;

import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Packets that a driver sends, copied out of its memory. A packet stays in the driver's ring until there is
/// a buffer for it.
final class VhostRxQueue extends VhostQueue implements RxQueue {
    private static final int FRESH = Chains.MOST;

    /// What a driver may send to be cut into segments: an IP packet of any size.
    private static final int LONGEST_TO_CUT = 65535 + Ethernet.HEADER_LENGTH + 8;

    private static final long NO_BUFFER = -1;

    private final PacketPool pool;
    private final int longestFrame;
    private final long[] fresh = new long[FRESH];
    private int freshCount;
    private int usedChains; // by the last take()
    private boolean offloads; // the driver may leave checksums to us

    /// @param longestFrame in bytes, without check sequence
    VhostRxQueue(PacketPool pool, int longestFrame) {
        this.pool = pool;
        this.longestFrame = longestFrame;
    }

    @Override
    void negotiated(RingSetup setup) {
        offloads = setup.has(VirtioNet.F_CSUM);
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        if (!gate.enter()) {
            return 0;
        }
        try {
            Vring ring = this.ring;
            return ring == null ? 0 : receiveBursts(ring, packets, from, count);
        } finally {
            gate.leave();
        }
    }

    private int receiveBursts(Vring ring, long[] packets, int from, int count) {
        int received = 0;
        int step;
        do {
            step = Math.min(count - received, FRESH);
            if (freshCount < step) {
                freshCount += pool.allocate(fresh, freshCount, FRESH - freshCount);
            }
            int gathered = ring.gather(Math.min(step, freshCount));
            if (gathered == 0) {
                break;
            }
            received += take(ring.chains, gathered, packets, from + received);
            complete(ring, usedChains);
            if (usedChains < step) {
                break;
            }
        } while (received < count);
        return received;
    }

    /// Copies gathered packets out; returns how many were in order, and leaves in {@link #usedChains} how many
    /// chains are done with.
    private int take(Chains chains, int gathered, long[] packets, int from) {
        long[] address = chains.address;
        int[] lengths = chains.length;
        int[] first = chains.first;
        long[] fresh = this.fresh;
        int header = headerLength;
        boolean offloads = this.offloads;
        int spread = Math.min(longestFrame, pool.capacity()) - Ethernet.HEADER_LENGTH;
        int free = freshCount;
        int to = from;
        long bytes = 0;
        int i = 0;
        for (; i < gathered; i++) {
            int part = first[i];
            int length = lengths[part] - header;
            if (free > 0
                    && first[i + 1] - part == 1
                    && Integer.compareUnsigned(length - Ethernet.HEADER_LENGTH, spread) <= 0
                    && !(offloads && (Memory.getLong(address[part]) & NetHeader.REQUESTS) != 0)) {
                long packet = fresh[--free];
                Memory.copyApart(address[part] + header, Packet.address(packet), length);
                packets[to++] = packet | length;
                bytes += length;
            } else {
                freshCount = free;
                long packet = takeUnusual(chains, i);
                free = freshCount;
                if (packet == NO_BUFFER) {
                    break;
                }
                if (packet != 0) {
                    packets[to++] = packet;
                    bytes += NetHeader.total(packet);
                }
            }
        }
        freshCount = free;
        usedChains = i;
        add(QueueCounter.PACKETS, to - from);
        add(QueueCounter.BYTES, bytes);
        return to - from;
    }

    /// A packet of several parts or segments, or with requests; 0 if it is not to be delivered, {@link
    /// #NO_BUFFER} if it has to wait.
    private long takeUnusual(Chains chains, int chain) {
        if (chains.first[chain] == chains.first[chain + 1]) {
            return 0; // has been counted when it was gathered
        }
        long length = chains.total(chain) - headerLength;
        if (length < Ethernet.HEADER_LENGTH) {
            return drop(QueueCounter.TOO_SHORT);
        }
        chains.seek(chain, chain);
        long requests = chains.readNumber(8);
        int more = (int) chains.readNumber(headerLength - 8);
        boolean cut = offloads && (requests >>> 8 & 0xFF) != 0;
        if (length > (cut ? LONGEST_TO_CUT : longestFrame)) {
            return drop(QueueCounter.TOO_LONG);
        }
        long packet = copy(chains, (int) length);
        if (packet == NO_BUFFER || !offloads) {
            return packet;
        }
        long described = NetHeader.decode(packet, requests, more);
        if (described == 0) {
            PacketPool.release(packet);
            return drop(QueueCounter.BAD_OFFLOAD);
        }
        return described;
    }

    /// The next `length` bytes of the chain as a packet, in as many segments as it takes, or {@link
    /// #NO_BUFFER}.
    private long copy(Chains chains, int length) {
        long packet = 0;
        long last = 0;
        for (int left = length; left > 0; ) {
            if (freshCount == 0 && (freshCount = pool.allocate(fresh, 0, FRESH)) == 0) {
                PacketPool.release(packet);
                return NO_BUFFER;
            }
            int step = Math.min(left, pool.capacity());
            long segment = fresh[--freshCount] | step;
            chains.read(Packet.address(segment), step);
            left -= step;
            if (packet != 0 || left > 0) {
                segment = Metadata.begin(segment);
            }
            if (packet == 0) {
                packet = segment;
            } else {
                Metadata.setNext(last, segment);
            }
            last = segment;
        }
        if (Packet.hasMetadata(packet)) {
            Metadata.setTotalLength(packet, length);
        }
        return packet;
    }

    private long drop(int why) {
        count(why);
        return 0;
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(
                get(QueueCounter.PACKETS),
                0,
                get(QueueCounter.TOO_SHORT)
                        + get(QueueCounter.TOO_LONG)
                        + get(QueueCounter.BAD_OFFLOAD)
                        + get(QueueCounter.MALFORMED));
    }

    /// Gives the buffers back that wait to be filled.
    void closeStock() {
        PacketPool.release(fresh, 0, freshCount);
        freshCount = 0;
    }

    @Override
    void close() {
        super.close();
        closeStock();
        pool.close();
    }
}
