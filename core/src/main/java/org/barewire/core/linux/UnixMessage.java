package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Messages with descriptors (sendmsg(2), recvmsg(2), cmsg(3)), in the layout of x86-64.
final class UnixMessage {
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    private static final int HEADER = 56; // struct msghdr
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int CMSG_HEADER = 16; // struct cmsghdr: long length, int level, int type
    private static final int CMSG_SPACE = CMSG_HEADER + 4 * UnixSocket.MAX_FDS;

    private static final MethodHandle SENDMSG =
            Native.function("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle RECVMSG =
            Native.function("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    private UnixMessage() {}

    static int send(UnixSocket socket, byte[] bytes, int from, int count, int[] fds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(Math.max(1, count));
            MemorySegment.copy(bytes, from, data, JAVA_BYTE, 0, count);
            MemorySegment header = header(arena, data.asSlice(0, count), control(arena, fds));
            return answer(call(SENDMSG, socket.fd(), header, MSG_NOSIGNAL), "send to socket " + socket.name());
        }
    }

    static int receive(UnixSocket socket, byte[] bytes, int from, int count, List<Integer> fds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(Math.max(1, count));
            MemorySegment control = arena.allocate(CMSG_SPACE, 8);
            MemorySegment header = header(arena, data.asSlice(0, count), control);
            long result = call(RECVMSG, socket.fd(), header, MSG_CMSG_CLOEXEC);
            int received = answer(result, "receive from socket " + socket.name());
            if (result >= 0) {
                boolean whole = (header.get(JAVA_INT, FLAGS) & (MSG_CTRUNC | MSG_TRUNC)) == 0;
                take(header, control, whole && result > 0 ? fds : null);
                if (!whole) {
                    throw truncated(socket);
                }
                MemorySegment.copy(data, JAVA_BYTE, 0, bytes, from, received);
            }
            return received;
        }
    }

    private static MemorySegment header(Arena arena, MemorySegment data, MemorySegment control) {
        MemorySegment vector = arena.allocate(16, 8);
        vector.set(ADDRESS, 0, data);
        vector.set(JAVA_LONG, 8, data.byteSize());
        MemorySegment header = arena.allocate(HEADER, 8);
        header.set(ADDRESS, IOV, vector);
        header.set(JAVA_LONG, IOV_COUNT, 1);
        if (control.byteSize() > 0) {
            header.set(ADDRESS, CONTROL, control);
            header.set(JAVA_LONG, CONTROL_LENGTH, control.byteSize());
        }
        return header;
    }

    private static MemorySegment control(Arena arena, int[] fds) {
        if (fds.length == 0) {
            return MemorySegment.NULL;
        }
        MemorySegment control = arena.allocate(CMSG_HEADER + (4L * fds.length + 7 & -8), 8);
        control.set(JAVA_LONG, 0, CMSG_HEADER + 4L * fds.length);
        control.set(JAVA_INT, 8, SOL_SOCKET);
        control.set(JAVA_INT, 12, SCM_RIGHTS);
        MemorySegment.copy(fds, 0, control, JAVA_INT, CMSG_HEADER, fds.length);
        return control;
    }

    /// Adds the descriptors that came to `fds`, or closes them if that is null.
    private static void take(MemorySegment header, MemorySegment control, @Nullable List<Integer> fds) {
        long end = header.get(JAVA_LONG, CONTROL_LENGTH);
        long length;
        for (long at = 0; at + CMSG_HEADER <= end; at += length + 7 & -8) {
            length = Math.max(CMSG_HEADER, control.get(JAVA_LONG, at));
            boolean rights =
                    control.get(JAVA_INT, at + 8) == SOL_SOCKET && control.get(JAVA_INT, at + 12) == SCM_RIGHTS;
            for (long fd = at + CMSG_HEADER; rights && fd + 4 <= Math.min(at + length, end); fd += 4) {
                if (fds == null) {
                    Fd.close(control.get(JAVA_INT, fd));
                } else {
                    fds.add(control.get(JAVA_INT, fd));
                }
            }
        }
    }

    private static LinuxException truncated(UnixSocket socket) {
        return new LinuxException(
                "receive from socket " + socket.name(),
                Errno.EINVAL,
                "The other end sent a longer message or more descriptors than there can be");
    }

    private static int answer(long result, String whatWasTried) {
        if (result >= 0) {
            return (int) result;
        }
        return switch (Native.errno()) {
            case Errno.EAGAIN, Errno.EINTR -> UnixSocket.WOULD_BLOCK;
            case Errno.EPIPE, Errno.ECONNRESET, Errno.ECONNREFUSED -> UnixSocket.CLOSED;
            default -> throw Native.failure(whatWasTried);
        };
    }

    private static long call(MethodHandle function, int fd, MemorySegment header, int flags) {
        try {
            return (long) function.invokeExact(Native.state(), fd, header, flags);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
