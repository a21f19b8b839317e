package org.barewire.drivers.tap;

import java.util.Set;
import org.barewire.core.device.Counters;
import org.barewire.core.device.Offload;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.Fd;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Vlan;
import org.barewire.drivers.kernel.VnetHeader;

/// Reads packets, one a system call, straight into buffers.
///
/// The vectors of `readv` name the header, then as many buffers as the longest packet takes; those that a
/// packet used are replaced by fresh ones.
final class TapRxQueue implements RxQueue {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    static final int ERRORS = 2;
    static final int OVERSIZED = 3;

    private static final int VECTOR = 16; // struct iovec: address, length

    private static final int STOCK = 64;
    private static final int TAG = 4;

    private final int fd;
    private final PacketMemory memory;
    private final PacketPool pool;
    private final int longest;
    private final boolean checksums;
    private final boolean strips;
    private final int room; // bytes of a buffer that are offered
    private final long[] buffers; // named by the vectors behind the header's
    private final long[] stock; // to replace them with
    private final long vectors;
    private final long header;
    private final long counters = Counters.allocate();
    private int stocked;

    /// @param pool    the queue's from now on
    /// @param longest the longest packet that is received; what is longer is dropped
    /// @throws IllegalArgumentException if the pool has not enough packets for one of that length
    TapRxQueue(int fd, PacketMemory memory, PacketPool pool, int longest, Set<Offload> offloads) {
        this.fd = fd;
        this.memory = memory;
        this.pool = pool;
        this.longest = longest;
        this.checksums = offloads.contains(Offload.CHECKSUM);
        this.strips = offloads.contains(Offload.VLAN_STRIP);
        this.room = pool.capacity();
        this.buffers = new long[longest / room + 1]; // room for a byte more, so that a longer one is seen
        this.stock = new long[STOCK + buffers.length];
        this.vectors = memory.allocateRing(bytes());
        this.header = vectors + (long) VECTOR * (buffers.length + 1);
        setVector(0, header, VnetHeader.BYTES);
        if (pool.allocate(buffers, 0, buffers.length) < buffers.length) {
            throw new IllegalArgumentException("a pool of %d packets is too small".formatted(pool.slots()));
        }
        for (int i = 0; i < buffers.length; i++) {
            setVector(i + 1, Packet.address(buffers[i]), room);
        }
        pool.unbind();
    }

    private long bytes() {
        return (long) VECTOR * (buffers.length + 2); // the last is the header
    }

    private void setVector(int index, long address, int length) {
        Memory.putLong(vectors + (long) VECTOR * index, address);
        Memory.putLong(vectors + (long) VECTOR * index + 8, length);
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        int needed = buffers.length;
        int to = from;
        int last = from + count;
        long bytes = 0;
        while (to < last && (stocked >= needed || restock(needed))) {
            long length = Fd.readVectors(fd, vectors, needed + 1) - VnetHeader.BYTES;
            if (length <= -VnetHeader.BYTES) {
                break; // nothing there, or the interface has gone
            }
            long packet = length < Ethernet.HEADER_LENGTH || length > longest ? refuse(length) : take((int) length);
            if (packet != 0) {
                packets[to++] = packet;
                bytes += length;
            }
        }
        int n = to - from;
        if (n > 0) {
            Counters.add(counters, PACKETS, n);
            Counters.add(counters, BYTES, bytes);
        }
        return n;
    }

    private boolean restock(int needed) {
        stocked += pool.allocate(stock, stocked, stock.length - stocked);
        return stocked >= needed;
    }

    private long refuse(long length) {
        Counters.add(counters, length > longest ? OVERSIZED : ERRORS, 1);
        return 0;
    }

    private long take(int length) {
        long packet = length <= room ? replace(0) | length : takeChain(length);
        return VnetHeader.isPlain(header) && !strips ? packet : finish(packet);
    }

    /// Takes a buffer out of the vectors, and puts a fresh one there.
    private long replace(int index) {
        long buffer = buffers[index];
        long fresh = stock[--stocked];
        buffers[index] = fresh;
        Memory.putLong(vectors + (long) VECTOR * (index + 1), Packet.address(fresh));
        return buffer;
    }

    private long takeChain(int length) {
        long first = Metadata.begin(replace(0) | room);
        long end = first;
        int left = length - room;
        for (int i = 1; left > 0; i++) {
            long segment = replace(i) | Math.min(left, room);
            left -= room;
            long linked = left > 0 ? Metadata.begin(segment) : segment;
            Metadata.setNext(end, linked);
            end = linked;
        }
        Metadata.setTotalLength(first, length);
        return first;
    }

    /// Takes the tag out if that was asked for, and sees to what the kernel left to be done.
    private long finish(long packet) {
        boolean strip = strips && Ethernet.type(packet) == EtherType.VLAN && Vlan.fits(packet, Ethernet.HEADER_LENGTH);
        if (!strip) {
            return finish(packet, 0);
        }
        int control = Vlan.control(packet, Ethernet.HEADER_LENGTH);
        long untagged = Vlan.pop(packet);
        if (!Packet.hasMetadata(untagged)) {
            untagged = Metadata.begin(untagged);
        }
        Metadata.setFlags(untagged, Metadata.VLAN_STRIPPED);
        Metadata.setVlan(untagged, control);
        return finish(untagged, -TAG);
    }

    private long finish(long packet, int tag) {
        long finished = VnetHeader.apply(header, packet, tag, checksums);
        if (finished == 0) {
            Packet.release(packet);
            return refuse(0);
        }
        return finished;
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    /// What the kernel dropped because nobody read is not in it: see the device's statistics.
    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(counter(PACKETS), counter(OVERSIZED), counter(ERRORS));
    }

    long counter(int index) {
        return Counters.get(counters, index);
    }

    void close() {
        PacketPool.release(stock, 0, stocked);
        PacketPool.release(buffers, 0, buffers.length);
        stocked = 0;
        pool.close();
        memory.freeRing(vectors, bytes());
        Counters.free(counters);
    }
}
