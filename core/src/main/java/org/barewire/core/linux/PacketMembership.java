package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What an interface receives on this process's behalf, beyond what the kernel wants itself (`packet(7)`,
/// PACKET_ADD_MEMBERSHIP; `linux/if_packet.h`).
///
/// The kernel counts who wants what, and takes back what was asked for here when this is closed or the process
/// ends in whatever way. Any thread may call, one at a time.
public final class PacketMembership implements AutoCloseable {
    /// What can be asked for.
    public enum Kind {
        /// A multicast address.
        MULTICAST(0),
        /// All frames.
        PROMISCUOUS(1),
        /// All multicast frames.
        ALL_MULTICAST(2),
        /// A further address of the interface.
        UNICAST(3);

        private final short type;

        Kind(int type) {
            this.type = (short) type;
        }
    }

    private static final int ADD = 1;
    private static final int DROP = 2;
    private static final int ADDRESS_BYTES = 6;
    private static final ValueLayout.OfLong LONG_BE = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final int interfaceIndex;
    private final int fd;

    private PacketMembership(int interfaceIndex, int fd) {
        this.interfaceIndex = interfaceIndex;
        this.fd = fd;
    }

    /// Of an interface of the calling thread's network namespace. Asks for nothing yet.
    public static PacketMembership open(int interfaceIndex) {
        // protocol 0: the socket receives nothing
        return new PacketMembership(interfaceIndex, Socket.open(Socket.AF_PACKET, Socket.SOCK_RAW, 0));
    }

    /// Asks for something once more.
    ///
    /// @param address for the kinds that have one, the first byte on the wire in bits 47 to 40
    public void add(Kind kind, long address) {
        change(ADD, kind, address);
    }

    /// Takes back what has been asked for once.
    public void drop(Kind kind, long address) {
        change(DROP, kind, address);
    }

    private void change(int option, Kind kind, long address) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(16, 8); // struct packet_mreq
            request.set(JAVA_INT, 0, interfaceIndex);
            request.set(JAVA_SHORT, 4, kind.type);
            request.set(JAVA_SHORT, 6, (short) ADDRESS_BYTES);
            request.set(LONG_BE, 8, address << 16);
            Socket.setOption(fd, Socket.SOL_PACKET, option, request);
        }
    }

    @Override
    public void close() {
        Fd.close(fd);
    }
}
