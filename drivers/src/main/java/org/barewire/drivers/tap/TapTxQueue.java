package org.barewire.drivers.tap;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.kernel.VnetHeader;

/// Writes packets, one a system call, straight out of their buffers; they are free again at once.
final class TapTxQueue implements TxQueue {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    static final int DROPPED = 2;
    static final int ERRORS = 3;
    static final int OVERSIZED = 4;

    /// The most segments of one packet.
    static final int MAX_SEGMENTS = 64;

    private static final int VECTOR = 16; // struct iovec: address, length
    private static final int VECTORS = MAX_SEGMENTS + 2; // the header, and addresses and tag
    private static final int HEADER = VECTORS * VECTOR;
    private static final int TAGGED = HEADER + 16; // addresses and tag
    private static final int SPACE = TAGGED + 16;

    private static final int ADDRESSES = 12;
    private static final int TAG = 4;
    private static final int LONGEST_CUT = 0xFFFF + Ethernet.HEADER_LENGTH + 2 * TAG;

    private final int fd;
    private final PacketMemory memory;
    private final int longest;
    private final long vectors;
    private final long header;
    private final long counters = Counters.allocate();

    /// @param longest the longest frame that may leave
    TapTxQueue(int fd, PacketMemory memory, int longest) {
        this.fd = fd;
        this.memory = memory;
        this.longest = longest;
        this.vectors = memory.allocateRing(SPACE);
        this.header = vectors + HEADER;
        VnetHeader.clear(header);
        setVector(0, header, VnetHeader.BYTES);
    }

    private void setVector(int index, long address, int length) {
        Memory.putLong(vectors + (long) VECTOR * index, address);
        Memory.putLong(vectors + (long) VECTOR * index + 8, length);
    }

    @Override
    public int send(long[] packets, int from, int count) {
        int n = 0;
        int refused = 0;
        long bytes = 0;
        while (n < count) {
            long packet = packets[from + n];
            int written = Packet.hasMetadata(packet) ? writeUnusual(packet) : write(packet);
            if (written < 0) {
                break;
            }
            refused += written == 0 ? 1 : 0;
            bytes += written;
            n++;
        }
        if (n > 0) {
            PacketPool.release(packets, from, n);
            Counters.add(counters, PACKETS, n - refused);
            Counters.add(counters, BYTES, bytes);
        }
        return n;
    }

    /// Writes a packet; returns its bytes, 0 if it can't be sent at all, or -1 if it can't be now.
    private int write(long packet) {
        int length = Packet.length(packet);
        if (length < Ethernet.HEADER_LENGTH || length > longest) {
            return refuse(length > longest);
        }
        setVector(1, Packet.address(packet), length);
        return written(Fd.writeVectors(fd, vectors, 2));
    }

    private int written(long result) {
        if (result > 0) {
            return (int) result - VnetHeader.BYTES;
        }
        // No room, no memory, the interface is down, or it has gone: nothing that is the packet's fault.
        boolean later = result == -Errno.EAGAIN
                || result == -Errno.ENOMEM
                || result == -Errno.ENOBUFS
                || result == -Errno.EIO
                || result == -Errno.EBADFD;
        return later ? -1 : refuse(false);
    }

    private int refuse(boolean oversized) {
        Counters.add(counters, oversized ? OVERSIZED : ERRORS, 1);
        return 0;
    }

    /// Writes a packet of several segments, or one whose metadata asks for something.
    private int writeUnusual(long packet) {
        int flags = Metadata.flags(packet);
        int tag = (flags & Metadata.SEND_VLAN) == 0 ? 0 : TAG;
        int segments = tag == 0 ? 1 : 2;
        int total = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            if (segments >= VECTORS) {
                return refuse(false);
            }
            setVector(segments++, Packet.address(segment), Packet.length(segment));
            total += Packet.length(segment);
        }
        int most = (flags & Metadata.SEND_TCP_SEGMENTATION) == 0 ? longest : LONGEST_CUT;
        if (Packet.length(packet) < Ethernet.HEADER_LENGTH || total + tag > most) {
            return refuse(total + tag > most);
        }
        if (!VnetHeader.ask(header, packet, flags, total, tag)) {
            VnetHeader.clear(header);
            return refuse(false);
        }
        if (tag != 0) {
            insertTag(packet);
        }
        long result = Fd.writeVectors(fd, vectors, segments);
        VnetHeader.clear(header);
        return written(result);
    }

    /// Has addresses and tag come from a place of their own, and the rest from the packet.
    private void insertTag(long packet) {
        long tagged = vectors + TAGGED;
        Memory.copy(Packet.address(packet), tagged, ADDRESSES);
        Memory.putIntBe(tagged + ADDRESSES, EtherType.VLAN << 16 | Metadata.vlan(packet));
        setVector(1, tagged, ADDRESSES + TAG);
        setVector(2, Packet.address(packet) + ADDRESSES, Packet.length(packet) - ADDRESSES);
    }

    @Override
    public int sendOrRelease(long[] packets, int from, int count) {
        int sent = send(packets, from, count);
        if (sent < count) {
            PacketPool.release(packets, from + sent, count - sent);
            Counters.add(counters, DROPPED, count - sent);
        }
        return sent;
    }

    /// Nothing is ever left to be given back.
    @Override
    public int reclaim() {
        return 0;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(counter(PACKETS), counter(DROPPED), counter(ERRORS) + counter(OVERSIZED));
    }

    long counter(int index) {
        return Counters.get(counters, index);
    }

    void close() {
        memory.freeRing(vectors, SPACE);
        Counters.free(counters);
    }
}
