package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Sockets of family AF_XDP: their memory, their four rings, statistics and wake-ups (`linux/if_xdp.h`,
/// `Documentation/networking/af_xdp.rst`).
///
/// A socket is a file descriptor that the caller owns and closes with {@link Fd#close}. Any thread may call;
/// every failure throws {@link LinuxException}, but for {@link #wakeReceiver}, which is for the data path.
/// {@link Socket#kick} has the kernel look at the transmit ring.
public final class XdpSocket {
    /// The kernel copies between its own buffers and the socket's memory.
    public static final int COPY = 1 << 1;
    /// The device reads and writes the socket's memory, or binding fails.
    public static final int ZERO_COPY = 1 << 2;
    /// The kernel sets {@link #NEED_WAKEUP} in a ring's flags while it wants to be told of entries.
    public static final int USE_NEED_WAKEUP = 1 << 3;
    /// A packet may be in several descriptors (since Linux 6.6).
    public static final int SCATTER_GATHER = 1 << 4;

    /// In a ring's flags, see {@link #USE_NEED_WAKEUP}.
    public static final int NEED_WAKEUP = 1;

    /// In a descriptor's options: the packet goes on in the next one.
    public static final int CONTINUES = 1;

    /// What the kernel leaves free before a received packet's data in each chunk (XDP_PACKET_HEADROOM).
    public static final int PACKET_HEADROOM = 256;

    private static final int MMAP_OFFSETS = 1;
    private static final int UMEM_REG = 4;
    private static final int STATISTICS = 7;
    private static final int OPTIONS = 8;
    private static final int MAX_TX_SKB_BUDGET = 9;
    private static final int OPTIONS_ZEROCOPY = 1;
    private static final int MSG_DONTWAIT = 0x40;

    private static final MethodHandle RECVFROM = Native.withoutErrno(
            "recvfrom",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

    /// The rings of a socket. Fill and completion ring hold addresses of 8 bytes, the others descriptors of
    /// 16: address, length (an `int`), options (an `int`).
    public enum Ring {
        RX(2, 0, 16, 0),
        TX(3, 0x8000_0000L, 16, 32),
        FILL(5, 0x1_0000_0000L, 8, 64),
        COMPLETION(6, 0x1_8000_0000L, 8, 96);

        private final int option;
        private final long pageOffset;
        private final int entryBytes;
        private final long offsets; // where struct xdp_mmap_offsets tells of it

        Ring(int option, long pageOffset, int entryBytes, long offsets) {
            this.option = option;
            this.pageOffset = pageOffset;
            this.entryBytes = entryBytes;
            this.offsets = offsets;
        }
    }

    /// Where a ring lies in this process's memory.
    ///
    /// @param start    of the mapping, for {@link #unmap}
    /// @param length   of the mapping in bytes
    /// @param producer address of the `int` that counts entries written
    /// @param consumer address of the `int` that counts entries read
    /// @param flags    address of an `int`, see {@link #NEED_WAKEUP}
    /// @param entries  address of the first entry
    public record Mapping(long start, long length, long producer, long consumer, long flags, long entries) {
        public void unmap() {
            Mman.unmap(start, length);
        }
    }

    /// What the kernel has counted for a socket (`struct xdp_statistics`).
    ///
    /// @param rxDropped         packets dropped for other reasons, such as that they were too long
    /// @param rxInvalid         packets dropped because of an invalid entry of the fill ring
    /// @param txInvalid         invalid descriptors of the transmit ring
    /// @param rxRingFull        packets dropped because the receive ring was full
    /// @param rxFillEmpty       packets dropped because the fill ring was empty
    /// @param txEmpty           how often the transmit ring was looked at and empty
    public record Statistics(
            long rxDropped, long rxInvalid, long txInvalid, long rxRingFull, long rxFillEmpty, long txEmpty) {
        private static final int BYTES = 48;
    }

    private XdpSocket() {}

    /// Opens a socket in the calling thread's network namespace, close-on-exec.
    public static int open() {
        return Socket.open(Socket.AF_XDP, Socket.SOCK_RAW, 0);
    }

    /// Registers the memory that the socket's packets are in, and pins it until the socket is closed. Addresses
    /// in rings are offsets from its start.
    ///
    /// @param address  of the first page
    /// @param chunk    bytes of one buffer: 2048 or 4096
    /// @throws LinuxException with ENOBUFS if it is more than the process may lock
    public static void registerMemory(int fd, long address, long length, int chunk) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment registration = arena.allocate(32, 8); // struct xdp_umem_reg; headroom and flags stay 0
            registration.set(JAVA_LONG, 0, address);
            registration.set(JAVA_LONG, 8, length);
            registration.set(JAVA_INT, 16, chunk);
            Socket.setOption(fd, Socket.SOL_XDP, UMEM_REG, registration);
        }
    }

    /// Makes a ring of a power of two of entries and maps it.
    public static Mapping makeRing(int fd, Ring ring, int entries) {
        Socket.setOption(fd, Socket.SOL_XDP, ring.option, entries);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment offsets = arena.allocate(128, 8); // struct xdp_mmap_offsets
            Socket.option(fd, Socket.SOL_XDP, MMAP_OFFSETS, offsets);
            long at = ring.offsets;
            long first = offsets.get(JAVA_LONG, at + 16);
            long length = first + (long) entries * ring.entryBytes;
            long start = Mman.map(
                    0,
                    length,
                    Mman.PROT_READ | Mman.PROT_WRITE,
                    Mman.MAP_SHARED | Mman.MAP_POPULATE,
                    fd,
                    ring.pageOffset);
            return new Mapping(
                    start,
                    length,
                    start + offsets.get(JAVA_LONG, at),
                    start + offsets.get(JAVA_LONG, at + 8),
                    start + offsets.get(JAVA_LONG, at + 24),
                    start + first);
        }
    }

    /// Binds to a queue of an interface. Packets go out from then on, and come in once an XDP program
    /// redirects them.
    ///
    /// @param flags {@link #COPY} and the like
    public static void bind(int fd, int interfaceIndex, int queue, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(16, 8); // struct sockaddr_xdp
            address.set(JAVA_SHORT, 0, (short) Socket.AF_XDP);
            address.set(JAVA_SHORT, 2, (short) flags);
            address.set(JAVA_INT, 4, interfaceIndex);
            address.set(JAVA_INT, 8, queue);
            Socket.bind(fd, address);
        }
    }

    /// Whether a bound socket's memory is read and written by the device itself.
    public static boolean isZeroCopy(int fd) {
        return (Socket.option(fd, Socket.SOL_XDP, OPTIONS) & OPTIONS_ZEROCOPY) != 0;
    }

    /// How many packets the kernel may copy out of the transmit ring in one call of {@link Socket#kick}; 32
    /// unless set.
    ///
    /// @throws LinuxException if the kernel is older than 6.18
    public static void setBudget(int fd, int packets) {
        Socket.setOption(fd, Socket.SOL_XDP, MAX_TX_SKB_BUDGET, packets);
    }

    public static Statistics statistics(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counters = arena.allocate(Statistics.BYTES, 8);
            Socket.option(fd, Socket.SOL_XDP, STATISTICS, counters);
            return new Statistics(
                    counters.get(JAVA_LONG, 0),
                    counters.get(JAVA_LONG, 8),
                    counters.get(JAVA_LONG, 16),
                    counters.get(JAVA_LONG, 24),
                    counters.get(JAVA_LONG, 32),
                    counters.get(JAVA_LONG, 40));
        }
    }

    /// Has the kernel look at the fill ring, without waiting. For the data path: does not throw and does not
    /// allocate.
    public static void wakeReceiver(int fd) {
        try {
            long ignored = (long) RECVFROM.invokeExact(fd, 0L, 0L, MSG_DONTWAIT, 0L, 0L);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
