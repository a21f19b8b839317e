package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A packet socket, its options, and the ring that it may have (`packet(7)`, `linux/if_packet.h`).
///
/// Any thread may call, one at a time; every failure throws {@link LinuxException}.
public final class PacketSocket implements AutoCloseable {
    /// What the kernel dropped for want of room in the ring, and how often it found none, since last asked.
    public record Losses(long drops, long freezes) {}

    /// Bytes of a block of a receive ring: holds the longest packet that the kernel has.
    public static final int BLOCK = 1 << 17;

    private static final int PACKET_RX_RING = 5;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_VERSION = 10;
    private static final int PACKET_TX_RING = 13;
    private static final int PACKET_LOSS = 14;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_FANOUT = 18;
    private static final int PACKET_QDISC_BYPASS = 20;
    private static final int PACKET_IGNORE_OUTGOING = 23;

    private static final int FANOUT_HASH = 0;
    private static final int FANOUT_UNIQUE_ID = 0x2000 << 16; // the flags are in the upper half
    private static final int FANOUT_IGNORE_OUTGOING = 0x4000 << 16; // since Linux 6.2

    private static final int TPACKET_V2 = 1;
    private static final int TPACKET_V3 = 2;
    private static final int RETIRE_MILLIS = 1;
    private static final int FILL_HASH = 1; // TP_FT_REQ_FILL_RXHASH

    private static final int SO_SNDBUF = 7;
    private static final short ETH_P_ALL = Short.reverseBytes((short) 3);
    private static final int SOCKADDR_LL_BYTES = 20;

    private final int fd;
    private long ring;
    private long ringLength;

    private PacketSocket(int fd) {
        this.fd = fd;
    }

    /// A socket of a network namespace that receives nothing.
    public static PacketSocket open(String namespace) {
        return new PacketSocket(NetNamespace.call(namespace, () -> Socket.open(Socket.AF_PACKET, Socket.SOCK_RAW, 0)));
    }

    /// The descriptor, for wake-ups; it stays this object's.
    public int fd() {
        return fd;
    }

    /// Address of the ring; 0 before there is one.
    public long ring() {
        return ring;
    }

    /// Receives all frames of an interface from now on, but for those that it sends.
    public void receiveFrom(int index) {
        Socket.setOption(fd, Socket.SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
        bind(index, ETH_P_ALL);
    }

    /// Sends on an interface, and receives nothing.
    public void sendTo(int index) {
        Socket.setOption(fd, Socket.SOL_PACKET, PACKET_QDISC_BYPASS, 1);
        bind(index, (short) 0);
    }

    private void bind(int index, short protocol) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SOCKADDR_LL_BYTES, 4);
            address.set(JAVA_SHORT, 0, (short) Socket.AF_PACKET);
            address.set(JAVA_SHORT, 2, protocol);
            address.set(JAVA_INT, 4, index);
            Socket.bind(fd, address);
        }
    }

    /// Shares what an interface receives with other sockets: packets of a flow, either direction, all go to
    /// one of them. Comes after {@link #receiveFrom} and before the ring, so that what arrives in between is
    /// not received twice.
    ///
    /// @param group of an earlier call, or -1 for a new group
    /// @return the group
    public int share(int group) {
        int asked = FANOUT_HASH << 16 | (group < 0 ? FANOUT_UNIQUE_ID : group);
        try {
            Socket.setOption(fd, Socket.SOL_PACKET, PACKET_FANOUT, asked | FANOUT_IGNORE_OUTGOING);
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            Socket.setOption(fd, Socket.SOL_PACKET, PACKET_FANOUT, asked);
        }
        return Socket.option(fd, Socket.SOL_PACKET, PACKET_FANOUT) & 0xFFFF;
    }

    /// Makes a receive ring of blocks (TPACKET_V3). A virtio-net header is put in front of every frame.
    public void mapReceiveRing(int blocks, boolean hashes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(28, 4); // struct tpacket_req3
            ring(request, BLOCK, blocks, 2048);
            request.set(JAVA_INT, 16, RETIRE_MILLIS);
            request.set(JAVA_INT, 24, hashes ? FILL_HASH : 0);
            map(TPACKET_V3, PACKET_RX_RING, request, (long) blocks * BLOCK);
        }
    }

    /// Makes a send ring of frames (TPACKET_V2), each with a virtio-net header in front of it. A frame that
    /// the kernel finds fault with is passed over.
    ///
    /// @param frameSize a power of two
    /// @param frames    a power of two
    public void mapSendRing(int frameSize, int frames) {
        Socket.setOption(fd, Socket.SOL_PACKET, PACKET_LOSS, 1);
        Socket.setOption(fd, Socket.SOL_SOCKET, SO_SNDBUF, frameSize * frames);
        int block = Math.min(BLOCK, frameSize * frames);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(16, 4); // struct tpacket_req
            ring(request, block, frameSize * frames / block, frameSize);
            map(TPACKET_V2, PACKET_TX_RING, request, (long) frameSize * frames);
        }
    }

    private static void ring(MemorySegment request, int block, int blocks, int frame) {
        request.set(JAVA_INT, 0, block);
        request.set(JAVA_INT, 4, blocks);
        request.set(JAVA_INT, 8, frame);
        request.set(JAVA_INT, 12, block / frame * blocks);
    }

    private void map(int version, int option, MemorySegment request, long length) {
        Socket.setOption(fd, Socket.SOL_PACKET, PACKET_VERSION, version);
        Socket.setOption(fd, Socket.SOL_PACKET, PACKET_VNET_HDR, 1);
        Socket.setOption(fd, Socket.SOL_PACKET, option, request);
        ring = Mman.map(0, length, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED | Mman.MAP_POPULATE, fd, 0);
        ringLength = length;
    }

    /// What has been lost since this was called last: reading clears it.
    public Losses losses() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counts = arena.allocate(12, 4); // struct tpacket_stats_v3
            Socket.option(fd, Socket.SOL_PACKET, PACKET_STATISTICS, counts);
            return new Losses(
                    Integer.toUnsignedLong(counts.get(JAVA_INT, 4)), Integer.toUnsignedLong(counts.get(JAVA_INT, 8)));
        }
    }

    /// Unmaps the ring and closes the socket, and with it ends all that was asked for on it.
    @Override
    public void close() {
        if (ring != 0) {
            Mman.unmap(ring, ringLength);
            ring = 0;
        }
        Fd.close(fd);
    }
}
