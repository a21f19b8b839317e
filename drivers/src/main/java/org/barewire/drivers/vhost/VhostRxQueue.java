package org.barewire.drivers.vhost;

import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.Sleep;
import org.jspecify.annotations.Nullable;

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
    private final Sleep sleep = new Sleep();
    private @Nullable EventFd kick;
    private volatile boolean armed; // the data path's
    private int freshCount;
    private int usedChains; // by the last take()
    private int delivered; // end of the packets that have been handed out, which are not fresh any more
    private long unfinished; // packet that is being put together, or 0
    private boolean offloads; // the driver may leave checksums to us

    /// @param longestFrame in bytes, without check sequence
    VhostRxQueue(PacketPool pool, int longestFrame) {
        this.pool = pool;
        this.longestFrame = longestFrame;
    }

    @Override
    void negotiated(RingSetup setup) {
        offloads = setup.has(VirtioNet.F_CSUM);
        kick = setup.kick();
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        if (!gate.enter()) {
            return 0;
        }
        delivered = from;
        try {
            Vring ring = this.ring;
            if (ring != null) {
                receiveBursts(ring, packets, from + count);
            }
        } catch (InternalError e) {
            fault();
            releaseUnfinished();
        } finally {
            gate.leave();
        }
        return delivered - from;
    }

    /// The ring is used while its thread sleeps, so the control plane ends the sleep when it takes the ring
    /// away.
    @Override
    public boolean await(long nanos) {
        if (!sleep.enter()) {
            return true;
        }
        try {
            return gate.enter() ? awaitKick(nanos) : sleep.until(null, nanos);
        } finally {
            sleep.leave();
        }
    }

    /// Inside the gate, which it leaves. As in {@link #receiveBursts} the loop is left at its head; it can't
    /// be known to be gone through once, as its condition is volatile, so there is a safepoint on the way.
    private boolean awaitKick(long nanos) {
        boolean waiting = true;
        try {
            Vring ring = this.ring;
            armed = ring != null;
            while (ring != null && armed) {
                ring.setNotifications(true);
                waiting = ring.isWaiting() || sleepAt(kick, nanos);
                ring.setNotifications(false);
                armed = false;
            }
        } catch (InternalError e) {
            fault();
        } finally {
            gate.leave();
        }
        return waiting;
    }

    private boolean sleepAt(@Nullable EventFd kick, long nanos) {
        return kick == null ? RxQueue.super.await(nanos) : sleep.until(kick, nanos);
    }

    @Override
    void endSleep() {
        sleep.end();
    }

    /// Receives until `packets` is filled to `end`, or nothing waits. The loop is left at its head and
    /// nowhere else: on the way there is a safepoint, where {@linkplain #fault faults} show.
    private void receiveBursts(Vring ring, long[] packets, int end) {
        boolean more = delivered < end;
        while (more) {
            int step = Math.min(end - delivered, FRESH);
            if (freshCount < step) {
                freshCount += pool.allocate(fresh, freshCount, FRESH - freshCount);
            }
            int gathered = ring.gather(Math.min(step, freshCount));
            usedChains = 0;
            if (gathered > 0) {
                take(ring.chains, gathered, packets, delivered);
                complete(ring, usedChains);
            }
            more = usedChains == step && delivered < end;
        }
    }

    /// Copies gathered packets out, as far as they are in order, and leaves in {@link #usedChains} how many
    /// chains are done with.
    private void take(Chains chains, int gathered, long[] packets, int from) {
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
                delivered = to;
                long packet = takeUnusual(chains, i);
                free = freshCount;
                unfinished = 0;
                if (packet == NO_BUFFER) {
                    break;
                }
                if (packet != 0) {
                    packets[to++] = packet;
                    delivered = to;
                    bytes += NetHeader.total(packet);
                }
            }
        }
        freshCount = free;
        delivered = to;
        usedChains = i;
        add(QueueCounter.PACKETS, to - from);
        add(QueueCounter.BYTES, bytes);
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
            releaseUnfinished();
            return drop(QueueCounter.BAD_OFFLOAD);
        }
        return described;
    }

    /// The next `length` bytes of the chain as a packet, in as many segments as it takes, or {@link
    /// #NO_BUFFER}. Until it is handed out it is the {@link #unfinished} one.
    private long copy(Chains chains, int length) {
        long last = 0;
        for (int left = length; left > 0; ) {
            if (freshCount == 0 && (freshCount = pool.allocate(fresh, 0, FRESH)) == 0) {
                releaseUnfinished();
                return NO_BUFFER;
            }
            int step = Math.min(left, pool.capacity());
            long segment = fresh[--freshCount] | step;
            left -= step;
            if (unfinished != 0 || left > 0) {
                segment = Metadata.begin(segment);
            }
            if (unfinished == 0) {
                unfinished = segment;
            } else {
                Metadata.setNext(last, segment);
            }
            chains.read(Packet.address(segment), step);
            last = segment;
        }
        if (Packet.hasMetadata(unfinished)) {
            Metadata.setTotalLength(unfinished, length);
        }
        return unfinished;
    }

    private void releaseUnfinished() {
        long packet = unfinished;
        unfinished = 0;
        PacketPool.release(packet);
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
        sleep.close();
        super.close();
        closeStock();
        pool.close();
    }
}
