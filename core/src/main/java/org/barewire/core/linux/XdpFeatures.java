package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// What an interface's driver can do for XDP, as the kernel tells since Linux 6.3 over generic netlink
/// (`Documentation/netlink/specs/netdev.yaml`, `linux/genetlink.h`).
///
/// @param inDriver      programs run in the driver, and may redirect to sockets
/// @param zeroCopy      the device reads and writes the memory of AF_XDP sockets
/// @param scatterGather packets may be in several buffers
public record XdpFeatures(boolean inDriver, boolean zeroCopy, boolean scatterGather) {
    private static final int AF_NETLINK = 16;
    private static final int NETLINK_GENERIC = 16;
    private static final int HEADERS = 16 + 4; // struct nlmsghdr, struct genlmsghdr
    private static final int NLM_F_REQUEST = 1;
    private static final int NLMSG_ERROR = 2;

    private static final int CONTROL = 16; // GENL_ID_CTRL
    private static final int CTRL_CMD_GETFAMILY = 3;
    private static final int CTRL_ATTR_FAMILY_ID = 1;
    private static final int CTRL_ATTR_FAMILY_NAME = 2;
    private static final int NETDEV_CMD_DEV_GET = 1;
    private static final int NETDEV_A_DEV_IFINDEX = 1;
    private static final int NETDEV_A_DEV_XDP_FEATURES = 3;

    private static final int BASIC = 1;
    private static final int REDIRECT = 2;
    private static final int XSK_ZEROCOPY = 8;
    private static final int RX_SG = 32;

    private static final MethodHandle SEND =
            Native.function("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECV =
            Native.function("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    /// Those of an interface of the calling thread's network namespace; empty if the kernel doesn't tell.
    public static Optional<XdpFeatures> of(int interfaceIndex) {
        int fd = Socket.open(AF_NETLINK, Socket.SOCK_RAW, NETLINK_GENERIC);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom("netdev");
            MemorySegment family =
                    ask(arena, fd, CONTROL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name, CTRL_ATTR_FAMILY_ID);
            MemorySegment index = arena.allocateFrom(JAVA_INT, interfaceIndex);
            int id = Short.toUnsignedInt(family.get(JAVA_SHORT, 0));
            MemorySegment answer =
                    ask(arena, fd, id, NETDEV_CMD_DEV_GET, NETDEV_A_DEV_IFINDEX, index, NETDEV_A_DEV_XDP_FEATURES);
            long bits = answer.get(JAVA_LONG_UNALIGNED, 0);
            int driver = BASIC | REDIRECT;
            return Optional.of(
                    new XdpFeatures((bits & driver) == driver, (bits & XSK_ZEROCOPY) != 0, (bits & RX_SG) != 0));
        } catch (LinuxException e) {
            return Optional.empty();
        } finally {
            Fd.close(fd);
        }
    }

    /// Makes a request with one attribute, and returns what an attribute of the answer holds.
    private static MemorySegment ask(
            Arena arena, int fd, int family, int command, int attribute, MemorySegment value, int wanted) {
        int length = (int) value.byteSize();
        MemorySegment request = arena.allocate(HEADERS + 4 + (length + 3 & -4), 8);
        request.set(JAVA_INT, 0, (int) request.byteSize());
        request.set(JAVA_SHORT, 4, (short) family);
        request.set(JAVA_SHORT, 6, (short) NLM_F_REQUEST);
        request.set(JAVA_BYTE, 16, (byte) command);
        request.set(JAVA_BYTE, 17, (byte) 1); // version
        request.set(JAVA_SHORT, HEADERS, (short) (4 + length));
        request.set(JAVA_SHORT, HEADERS + 2, (short) attribute);
        request.asSlice(HEADERS + 4).copyFrom(value);
        MemorySegment answer = arena.allocate(8192, 8);
        long received;
        try {
            long sent = (long) SEND.invokeExact(Native.state(), fd, request, request.byteSize(), 0);
            received = sent < 0 ? sent : (long) RECV.invokeExact(Native.state(), fd, answer, answer.byteSize(), 0);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (received < HEADERS) {
            throw Native.failure("ask the kernel over netlink");
        }
        if (answer.get(JAVA_SHORT, 4) == NLMSG_ERROR) {
            throw new LinuxException("ask the kernel over netlink", -answer.get(JAVA_INT, 16));
        }
        return find(answer.asSlice(0, received), wanted);
    }

    private static MemorySegment find(MemorySegment message, int attribute) {
        long at = HEADERS;
        while (at + 4 <= message.byteSize()) {
            int length = Short.toUnsignedInt(message.get(JAVA_SHORT, at));
            if (length < 4 || at + length > message.byteSize()) {
                break;
            }
            if (message.get(JAVA_SHORT, at + 2) == attribute) {
                return message.asSlice(at + 4, length - 4);
            }
            at += length + 3 & -4;
        }
        throw new LinuxException("find attribute %d in the kernel's answer".formatted(attribute), Errno.ENOENT);
    }
}
