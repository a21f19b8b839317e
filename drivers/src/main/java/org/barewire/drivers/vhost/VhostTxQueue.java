package org.barewire.drivers.vhost;

import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Vlan;

/// Packets for a driver, copied into its memory and released at once: there is nothing to reclaim.
final class VhostTxQueue extends VhostQueue implements TxQueue {
    private static final int SHORTAGE = -1;

    /// What a driver may be given to cut into segments: an IP packet of any size.
    private static final int LONGEST_TO_CUT = Packet.MAX_LENGTH + Ethernet.HEADER_LENGTH + 2 * Vlan.HEADER_LENGTH;

    private final int longestFrame;
    private NetHeader header = new NetHeader(0);
    private boolean merging;
    private int usedChains; // by the last put()
    private int done; // end of the packets that have been copied or dropped

    /// @param longestFrame in bytes, without check sequence
    VhostTxQueue(int longestFrame) {
        this.longestFrame = longestFrame;
    }

    @Override
    void negotiated(RingSetup setup) {
        header = new NetHeader(setup.features());
        merging = setup.has(VirtioNet.F_MRG_RXBUF);
    }

    @Override
    public int send(long[] packets, int from, int count) {
        if (!gate.enter()) {
            return 0;
        }
        done = from;
        try {
            Vring ring = this.ring;
            if (ring != null) {
                sendBursts(ring, packets, from + count);
            }
        } catch (InternalError e) {
            fault();
        } finally {
            gate.leave();
        }
        int taken = done - from;
        PacketPool.release(packets, from, taken);
        return taken;
    }

    /// Sends until all to `end` are done with, or the driver has no buffers left. The loop is left at its head and
    /// nowhere else: on the way there is a safepoint, where {@linkplain #fault faults} show.
    private void sendBursts(Vring ring, long[] packets, int end) {
        int wanted = Math.min(end - done, Chains.MOST);
        while (wanted > 0) {
            int gathered = ring.gather(wanted);
            usedChains = 0;
            int step = gathered == 0 ? 0 : put(ring.chains, gathered, packets, done, end);
            if (usedChains > 0) {
                complete(ring, usedChains);
            }
            done += step;
            if (step > 0 || usedChains > 0) {
                wanted = Math.min(end - done, Chains.MOST);
            } else { // these chains don't hold the next packet: perhaps all that there are do
                wanted = gathered == wanted && wanted < Chains.MOST ? Chains.MOST : 0;
            }
        }
    }

    /// Copies packets into gathered chains; returns how many packets are done with, and leaves in
    /// {@link #usedChains} how many chains.
    private int put(Chains chains, int gathered, long[] packets, int from, int end) {
        long[] address = chains.address;
        int[] lengths = chains.length;
        int[] first = chains.first;
        int[] written = chains.written;
        int headerLength = this.headerLength;
        int spread = longestFrame - Ethernet.HEADER_LENGTH;
        int next = from;
        int chain = 0;
        int dropped = 0;
        long bytes = 0;
        while (next < end && chain < gathered) {
            long packet = packets[next];
            int length = (int) packet & 0xFFFF;
            int part = first[chain];
            if (packet > 0
                    && first[chain + 1] - part == 1
                    && Integer.compareUnsigned(length - Ethernet.HEADER_LENGTH, spread) <= 0
                    && length <= lengths[part] - headerLength) {
                long to = address[part];
                Memory.putLong(to, 0);
                Memory.putInt(to + 8, NetHeader.ONE_BUFFER); // a short header's last two bytes are the frame's first
                Memory.copyApart(Packet.address(packet), to + headerLength, length);
                written[chain++] = headerLength + length;
                bytes += length;
                next++;
                continue;
            }
            if (first[chain + 1] == part) {
                written[chain++] = 0; // has been counted when it was gathered
                continue;
            }
            int used = putUnusual(chains, chain, gathered, packet);
            if (used == SHORTAGE) {
                break;
            }
            chain += used;
            next++;
            if (used == 0) {
                dropped++;
            } else {
                bytes += NetHeader.total(packet);
            }
        }
        usedChains = chain;
        add(QueueCounter.PACKETS, next - from - dropped);
        add(QueueCounter.BYTES, bytes);
        return next - from;
    }

    /// A packet with metadata, or for a chain of several parts or for several chains. Returns how many chains
    /// it took, 0 if it can't be sent, or {@link #SHORTAGE}.
    private int putUnusual(Chains chains, int chain, int gathered, long packet) {
        int flags = Packet.hasMetadata(packet) ? Metadata.flags(packet) : 0;
        int total = NetHeader.total(packet);
        boolean cut = (flags & Metadata.SEND_TCP_SEGMENTATION) != 0;
        if (total < Ethernet.HEADER_LENGTH) {
            return drop(QueueCounter.TOO_SHORT);
        }
        if (total > (cut ? LONGEST_TO_CUT : longestFrame)) {
            return drop(QueueCounter.TOO_LONG);
        }
        int needed = headerLength + total + ((flags & Metadata.SEND_VLAN) == 0 ? 0 : Vlan.HEADER_LENGTH);
        int end = chain;
        long room = 0;
        while (room < needed && end < (merging ? gathered : chain + 1)) {
            room += chains.total(end++);
        }
        if (room < needed) {
            boolean never = !merging || chain == 0 && gathered == Chains.MOST;
            return never ? drop(QueueCounter.TOO_LONG) : SHORTAGE;
        }
        header.clear();
        long encoded = Packet.hasMetadata(packet) ? header.encode(packet) : packet;
        if (encoded == 0) {
            return drop(QueueCounter.BAD_OFFLOAD);
        }
        write(chains, chain, end, encoded, needed);
        return end - chain;
    }

    private void write(Chains chains, int from, int end, long packet, int bytes) {
        chains.seek(from, end - 1);
        chains.writeNumber(header.first, 8);
        chains.writeNumber(header.second | end - from << 16, headerLength - 8);
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            chains.write(Packet.address(segment), Packet.length(segment));
        }
        int left = bytes;
        for (int chain = from; chain < end; chain++) {
            int written = (int) Math.min(left, chains.total(chain));
            chains.written[chain] = written;
            left -= written;
        }
    }

    private int drop(int why) {
        count(why);
        return 0;
    }

    @Override
    public int sendOrRelease(long[] packets, int from, int count) {
        int sent = send(packets, from, count);
        if (sent < count) {
            PacketPool.release(packets, from + sent, count - sent);
            add(QueueCounter.DROPPED, count - sent);
        }
        return sent;
    }

    /// What has been sent has been copied.
    @Override
    public int reclaim() {
        return 0;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(
                get(QueueCounter.PACKETS),
                get(QueueCounter.DROPPED),
                get(QueueCounter.TOO_SHORT) + get(QueueCounter.TOO_LONG) + get(QueueCounter.BAD_OFFLOAD));
    }
}
