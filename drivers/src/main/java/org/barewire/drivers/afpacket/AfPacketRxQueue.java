package org.barewire.drivers.afpacket;

import java.util.Set;
import org.barewire.core.device.Counters;
import org.barewire.core.device.Offload;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.Poll;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.EtherType;
import org.barewire.core.packet.Ethernet;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.kernel.VnetHeader;

/// A receive ring of blocks (TPACKET_V3, `struct tpacket_block_desc` and `struct tpacket3_hdr` in
/// `linux/if_packet.h`).
///
/// The kernel fills a block with frames and hands it over when it is full or a millisecond old. Frames are
/// copied into packets, put right where the kernel left something to be done, and the block goes back when
/// its last frame has been copied. A frame for which there is no buffer waits in its block.
final class AfPacketRxQueue implements RxQueue {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    static final int ERRORS = 2;
    static final int OVERSIZED = 3;

    private static final int STOCK = 64;

    private static final int BLOCK_STATUS = 8; // of a block
    private static final int BLOCK_PACKETS = 12;
    private static final int BLOCK_FIRST = 16;
    private static final int USER = 1;

    private static final int NEXT = 0; // of a frame
    private static final int SNAPPED = 12;
    private static final int LENGTH = 16;
    private static final int STATUS = 20;
    private static final int MAC = 24;
    private static final int HASH = 28;
    private static final int VLAN_CONTROL = 32;
    private static final int VLAN_TYPE = 36;
    private static final int PACKET_TYPE = 58; // sll_pkttype of the sockaddr_ll behind it
    private static final int FRAME_HEADER = 68;
    private static final int OUTGOING = 4;
    private static final int VLAN_VALID = 1 << 4;
    private static final int VLAN_TYPE_VALID = 1 << 6;

    private static final int ADDRESSES = 12;
    private static final int TAG = 4;

    private final PacketSocket socket;
    private final Poll poll;
    private final PacketPool pool;
    private final Cutter cutter;
    private final int blocks;
    private final int longest;
    private final boolean checksums;
    private final boolean strips;
    private final boolean hashes;
    private final long[] stock = new long[STOCK];
    private final long counters = Counters.allocate();
    private int stocked;
    private int current; // block that frames come from, or that is waited for
    private int left; // frames of it that have not been taken
    private long frame; // the next of them
    private long end; // of the block
    private long drops; // control plane
    private long freezes;

    /// @param socket  with a ring of `blocks` blocks; the queue's from now on
    /// @param longest the longest frame that is received
    AfPacketRxQueue(
            PacketSocket socket, int blocks, PacketPool pool, Cutter cutter, int longest, Set<Offload> offloads) {
        this.socket = socket;
        this.poll = Poll.of(socket.fd(), Poll.IN);
        this.blocks = blocks;
        this.pool = pool;
        this.cutter = cutter;
        this.longest = longest;
        this.checksums = offloads.contains(Offload.CHECKSUM);
        this.strips = offloads.contains(Offload.VLAN_STRIP);
        this.hashes = offloads.contains(Offload.RSS_HASH);
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        int to = from;
        int last = from + count;
        long bytes = 0;
        while (to < last && (left > 0 || openBlock()) && (stocked > 0 || restock())) {
            long packet = take();
            if (packet != 0) {
                packets[to++] = packet;
                bytes += packet & 0xFFFF;
            }
        }
        int n = to - from;
        if (n > 0) {
            Counters.add(counters, PACKETS, n);
            Counters.add(counters, BYTES, bytes);
        }
        return n;
    }

    /// The kernel wakes it when it hands over a block: when that is full, or its first frame has waited long enough.
    @Override
    public boolean await(long nanos) {
        return left > 0 || openBlock() || poll.awaitNanos(nanos) > 0;
    }

    /// Looks whether the kernel has handed over the next block.
    private boolean openBlock() {
        long block = socket.ring() + (long) current * PacketSocket.BLOCK;
        // acquire: pairs with the kernel's write of the status after the block's frames
        if ((Memory.getIntAcquire(block + BLOCK_STATUS) & USER) == 0) {
            return false;
        }
        left = Memory.getInt(block + BLOCK_PACKETS);
        frame = block + Integer.toUnsignedLong(Memory.getInt(block + BLOCK_FIRST));
        end = block + PacketSocket.BLOCK;
        if (left <= 0) {
            closeBlock();
            return false;
        }
        return true;
    }

    private void closeBlock() {
        long block = socket.ring() + (long) current * PacketSocket.BLOCK;
        left = 0;
        Memory.putIntRelease(block + BLOCK_STATUS, 0); // release: after the frames have been read
        current = current + 1 == blocks ? 0 : current + 1;
    }

    private void nextFrame() {
        frame += Integer.toUnsignedLong(Memory.getInt(frame + NEXT));
        if (--left == 0) {
            closeBlock();
        }
    }

    private boolean restock() {
        stocked = pool.allocate(stock, 0, STOCK);
        return stocked > 0;
    }

    /// Takes the next frame, or the next piece of one that is too long; returns the packet, or 0 if there is
    /// none to deliver.
    private long take() {
        if (cutter.isBusy()) {
            return takePiece();
        }
        long frame = this.frame;
        if (frame + FRAME_HEADER > end) {
            return abandonBlock();
        }
        long data = frame + (Memory.getShort(frame + MAC) & 0xFFFF);
        int length = Memory.getInt(frame + SNAPPED);
        if (length < Ethernet.HEADER_LENGTH || length > end - data || length != Memory.getInt(frame + LENGTH)) {
            return data > end ? abandonBlock() : refuse(ERRORS);
        }
        if (Memory.getByte(frame + PACKET_TYPE) == OUTGOING) {
            nextFrame();
            return 0;
        }
        long vnet = data - VnetHeader.BYTES;
        boolean tagged = (Memory.getInt(frame + STATUS) & VLAN_VALID) != 0;
        if (tagged || hashes || !VnetHeader.isPlain(vnet)) {
            return takeUnusual(frame, data, length, tagged ? tag(frame) : 0);
        }
        if (length > longest) {
            return refuse(OVERSIZED);
        }
        long packet = stock[--stocked] | length;
        Memory.copy(data, Packet.address(packet), length);
        nextFrame();
        return packet;
    }

    private static int tag(long frame) {
        boolean named = (Memory.getInt(frame + STATUS) & VLAN_TYPE_VALID) != 0;
        int type = named ? Memory.getShort(frame + VLAN_TYPE) & 0xFFFF : EtherType.VLAN;
        return type << 16 | Memory.getInt(frame + VLAN_CONTROL) & 0xFFFF;
    }

    /// Takes a frame to which there is more than its bytes: a VLAN tag, which the kernel has taken out, a hash,
    /// a checksum or a segmentation that is left to be done.
    private long takeUnusual(long frame, long data, int length, int tag) {
        long vnet = data - VnetHeader.BYTES;
        if (VnetHeader.type(vnet) != VnetHeader.NONE) {
            return beginPieces(data, length, tag);
        }
        boolean strip = strips && tag >>> 16 == EtherType.VLAN;
        boolean insert = tag != 0 && !strip;
        int inserted = insert ? TAG : 0;
        if (length + inserted > longest) {
            return refuse(OVERSIZED);
        }
        long packet = stock[stocked - 1] | length + inserted;
        copy(data, Packet.address(packet), length, insert ? tag : 0);
        packet = VnetHeader.apply(vnet, packet, inserted, checksums);
        if (packet == 0) {
            return refuse(ERRORS);
        }
        stocked--;
        if (strip) {
            packet = describe(packet, Metadata.VLAN_STRIPPED);
            Metadata.setVlan(packet, tag);
        }
        if (hashes) {
            packet = describe(packet, Metadata.RSS_HASH);
            Metadata.setRssHash(packet, Memory.getInt(frame + HASH));
        }
        nextFrame();
        return packet;
    }

    private static long describe(long packet, int flag) {
        long described = Packet.hasMetadata(packet) ? packet : Metadata.begin(packet);
        Metadata.setFlags(described, Metadata.flags(described) | flag);
        return described;
    }

    private static void copy(long data, long target, int length, int tag) {
        if (tag == 0) {
            Memory.copy(data, target, length);
            return;
        }
        Memory.copy(data, target, ADDRESSES);
        Memory.putIntBe(target + ADDRESSES, tag);
        Memory.copy(data + ADDRESSES, target + ADDRESSES + TAG, length - ADDRESSES);
    }

    private long beginPieces(long data, int length, int tag) {
        long vnet = data - VnetHeader.BYTES;
        int network = Ethernet.HEADER_LENGTH;
        if (EtherType.isVlan(Memory.getShortBe(data + ADDRESSES) & 0xFFFF)) {
            network += TAG; // a second tag, which the kernel leaves in
        }
        boolean begun = cutter.begin(
                data,
                length,
                0,
                length,
                tag,
                network,
                VnetHeader.transportOffset(vnet),
                VnetHeader.type(vnet) == VnetHeader.UDP,
                VnetHeader.segmentSize(vnet));
        return begun ? takePiece() : refuse(ERRORS);
    }

    private long takePiece() {
        int length = cutter.frameLength();
        if (length > longest) {
            cutter.stop();
            return refuse(OVERSIZED);
        }
        long packet = stock[--stocked] | length;
        cutter.cut(Packet.address(packet));
        if (!cutter.isBusy()) {
            nextFrame();
        }
        return packet;
    }

    private long refuse(int counter) {
        Counters.add(counters, counter, 1);
        nextFrame();
        return 0;
    }

    private long abandonBlock() {
        Counters.add(counters, ERRORS, 1);
        closeBlock();
        return 0;
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    /// What the kernel dropped is not in it: see the device's statistics.
    @Override
    public QueueStatistics statistics() {
        return new QueueStatistics(counter(PACKETS), counter(OVERSIZED), counter(ERRORS));
    }

    long counter(int index) {
        return Counters.get(counters, index);
    }

    /// Frames that the kernel dropped for want of room in the ring. Control plane.
    long drops() {
        readLosses();
        return drops;
    }

    /// How often the kernel found all blocks in use. Control plane.
    long freezes() {
        readLosses();
        return freezes;
    }

    private void readLosses() {
        PacketSocket.Losses losses = socket.losses();
        drops += losses.drops();
        freezes += losses.freezes();
    }

    void close() {
        socket.close();
        cutter.free();
        PacketPool.release(stock, 0, stocked);
        stocked = 0;
        pool.close();
        Counters.free(counters);
    }
}
