package org.barewire.drivers.afpacket;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.PacketSocket;
import org.barewire.core.linux.Socket;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.kernel.VnetHeader;

/// A send ring of frames (TPACKET_V2, `struct tpacket2_hdr` in `linux/if_packet.h`).
///
/// Packets are copied into frames and given back to their pools at once; one system call a burst has the
/// kernel send the frames. A frame is free again when its status says so.
final class AfPacketTxQueue implements TxQueue {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    static final int DROPPED = 2;
    static final int ERRORS = 3;
    static final int OVERSIZED = 4;

    /// Bytes in front of the data of a frame: `struct tpacket2_hdr` and the virtio-net header.
    static final int OVERHEAD = 32 + VnetHeader.BYTES;

    private static final int STATUS = 0;
    private static final int LENGTH = 4;
    private static final int VNET = 32;
    private static final int AVAILABLE = 0;
    private static final int SEND_REQUEST = 1;
    private static final int WRONG_FORMAT = 4;

    /// Up to this length the kernel had better copy a frame than refer to the ring's memory.
    private static final int COPIED = 2048;

    private static final int ADDRESSES = 12;
    private static final int TAG = 4;

    private final PacketSocket socket;
    private final Cutter cutter;
    private final int frameBits;
    private final int mask;
    private final int longest;
    private final long counters = Counters.allocate();
    private int next; // frame that is written next
    private long written; // frames so far

    /// @param socket    with a ring of `frames` frames of `frameSize` bytes; the queue's from now on
    /// @param frameSize a power of two
    /// @param longest   the longest frame that may leave
    AfPacketTxQueue(PacketSocket socket, int frameSize, int frames, Cutter cutter, int longest) {
        this.socket = socket;
        this.frameBits = Integer.numberOfTrailingZeros(frameSize);
        this.mask = frames - 1;
        this.cutter = cutter;
        this.longest = longest;
    }

    @Override
    public int send(long[] packets, int from, int count) {
        int n = 0;
        long bytes = 0;
        long before = written;
        while (n < count) {
            long packet = packets[from + n];
            int taken = Packet.hasMetadata(packet) ? writeUnusual(packet) : write(packet);
            if (taken < 0) {
                break;
            }
            bytes += taken;
            n++;
        }
        if (n > 0) {
            PacketPool.release(packets, from, n);
            Counters.add(counters, BYTES, bytes);
        }
        Counters.add(counters, PACKETS, written - before);
        if (count > 0) {
            Socket.kick(socket.fd()); // whatever it answers, a frame's own status says what became of it
        }
        return n;
    }

    /// Writes a packet's frame; returns its bytes, 0 if it can't be sent at all, or -1 if there is no room.
    private int write(long packet) {
        int length = Packet.length(packet);
        if (length < Ethernet.HEADER_LENGTH || length > longest) {
            return refuse(length > longest);
        }
        long frame = free(next);
        if (frame == 0) {
            return -1;
        }
        long vnet = frame + VNET;
        VnetHeader.clear(vnet);
        VnetHeader.setHeaderLength(vnet, Math.min(length, COPIED));
        Memory.copy(Packet.address(packet), vnet + VnetHeader.BYTES, length);
        commit(frame, length);
        return length;
    }

    /// Writes a packet of several segments, or one whose metadata asks for something.
    private int writeUnusual(long packet) {
        int flags = Metadata.flags(packet);
        int total = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            total += Packet.length(segment);
        }
        if (Packet.length(packet) < Ethernet.HEADER_LENGTH) {
            return refuse(false);
        }
        int tag = (flags & Metadata.SEND_VLAN) == 0 ? 0 : EtherType.VLAN << 16 | Metadata.vlan(packet);
        if ((flags & Metadata.SEND_TCP_SEGMENTATION) != 0) {
            return writePieces(packet, total, tag);
        }
        int inserted = tag == 0 ? 0 : TAG;
        int length = total + inserted;
        if (length > longest) {
            return refuse(true);
        }
        long frame = free(next);
        if (frame == 0) {
            return -1;
        }
        long vnet = frame + VNET;
        if (!VnetHeader.ask(vnet, packet, flags, total, inserted)) {
            return refuse(false);
        }
        VnetHeader.setHeaderLength(vnet, Math.min(length, COPIED));
        gather(packet, vnet + VnetHeader.BYTES, tag);
        commit(frame, length);
        return length;
    }

    private static void gather(long packet, long target, int tag) {
        long to = target;
        int skipped = 0;
        if (tag != 0) {
            Memory.copy(Packet.address(packet), to, ADDRESSES);
            Memory.putIntBe(to + ADDRESSES, tag);
            to += ADDRESSES + TAG;
            skipped = ADDRESSES;
        }
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            int length = Packet.length(segment) - skipped;
            Memory.copy(Packet.address(segment) + skipped, to, length);
            to += length;
            skipped = 0;
        }
    }

    /// Cuts a packet into frames, all or, if there is not that much room, none.
    private int writePieces(long packet, int total, int tag) {
        int network = Metadata.linkLength(packet);
        int transport = network + Metadata.networkLength(packet);
        boolean begun = cutter.begin(
                Packet.address(packet),
                Packet.length(packet),
                Packet.next(packet),
                total,
                tag,
                network,
                transport,
                false,
                Metadata.segmentSize(packet));
        if (!begun || cutter.frameLength() > longest) {
            cutter.stop();
            return refuse(begun);
        }
        int frames = cutter.frames();
        if (frames > mask || free(next + frames - 1 & mask) == 0 || free(next) == 0) {
            cutter.stop();
            return frames > mask ? refuse(true) : -1;
        }
        int bytes = 0;
        while (cutter.isBusy()) {
            long frame = free(next);
            int length = cutter.frameLength();
            VnetHeader.clear(frame + VNET);
            VnetHeader.setHeaderLength(frame + VNET, Math.min(length, COPIED));
            cutter.cut(frame + OVERHEAD);
            commit(frame, length);
            bytes += length;
        }
        return bytes;
    }

    /// The frame of an index if it is free, or else 0.
    private long free(int index) {
        long frame = socket.ring() + ((long) index << frameBits);
        // acquire: pairs with the kernel's write of the status after it has read the frame
        int status = Memory.getIntAcquire(frame + STATUS);
        return status == AVAILABLE || status == WRONG_FORMAT ? frame : 0;
    }

    private void commit(long frame, int length) {
        Memory.putInt(frame + LENGTH, length + VnetHeader.BYTES);
        Memory.putIntRelease(frame + STATUS, SEND_REQUEST); // release: after the frame
        next = next + 1 & mask;
        written++;
    }

    private int refuse(boolean oversized) {
        Counters.add(counters, oversized ? OVERSIZED : ERRORS, 1);
        return 0;
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

    /// Asks the kernel once more to send what it has not sent. The packets themselves were given back when
    /// they were copied.
    ///
    /// @return how many frames have not left
    @Override
    public int reclaim() {
        int waiting = 0;
        for (int index = 0; index <= mask; index++) {
            waiting += free(index) == 0 ? 1 : 0;
        }
        if (waiting > 0) {
            Socket.kick(socket.fd());
        }
        return waiting;
    }

    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(counter(PACKETS), counter(DROPPED), counter(ERRORS) + counter(OVERSIZED));
    }

    long counter(int index) {
        return Counters.get(counters, index);
    }

    void close() {
        socket.close();
        cutter.free();
        Counters.free(counters);
    }
}
