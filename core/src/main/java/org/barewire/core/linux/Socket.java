package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Sockets of any family, their options and their kick (`sys/socket.h`, `linux/socket.h`).
///
/// A socket is a file descriptor that the caller owns and closes with {@link Fd#close}. It belongs to the
/// network namespace that the thread was in when it was opened, see {@link NetNamespace}. Any thread may
/// call; every failure throws {@link LinuxException}, but for {@link #kick}, which is for the data path.
public final class Socket {
    public static final int AF_INET = 2;
    public static final int AF_PACKET = 17;
    public static final int AF_XDP = 44;

    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;

    public static final int SOL_SOCKET = 1;
    public static final int SOL_PACKET = 263;
    public static final int SOL_XDP = 283;

    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;

    private static final MethodHandle SOCKET =
            Native.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            Native.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETSOCKOPT = Native.function(
            "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle GETSOCKOPT = Native.function(
            "getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final FunctionDescriptor SEND_NOTHING =
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SENDTO = Native.function("sendto", SEND_NOTHING);
    private static final MethodHandle SENDTO_FAST = Native.withoutErrno("sendto", SEND_NOTHING);

    private Socket() {}

    /// Opens a socket, close-on-exec.
    ///
    /// @param protocol in the order that the family wants; network order for {@link #AF_PACKET}
    public static int open(int family, int type, int protocol) {
        int fd;
        try {
            fd = (int) SOCKET.invokeExact(Native.state(), family, type | SOCK_CLOEXEC, protocol);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (fd < 0) {
            String tried = "open a socket of family %d, type %d".formatted(family, type);
            throw Native.errno() == Errno.EPERM
                    ? new LinuxException(tried, Errno.EPERM, Capability.NET_RAW.cure())
                    : Native.failure(tried);
        }
        return fd;
    }

    /// Binds to an address: a `sockaddr` of the socket's family.
    public static void bind(int fd, MemorySegment address) {
        int result;
        try {
            result = (int) BIND.invokeExact(Native.state(), fd, address, (int) address.byteSize());
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("bind socket " + fd);
        }
    }

    /// Sets an option whose value is an `int`.
    public static void setOption(int fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            setOption(fd, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /// Sets an option whose value is a structure.
    public static void setOption(int fd, int level, int option, MemorySegment value) {
        int result;
        try {
            result = (int) SETSOCKOPT.invokeExact(Native.state(), fd, level, option, value, (int) value.byteSize());
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("set option %d of level %d of socket %d".formatted(option, level, fd));
        }
    }

    /// The value of an option that is an `int`.
    public static int option(int fd, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            option(fd, level, option, value);
            return value.get(JAVA_INT, 0);
        }
    }

    /// Reads an option that is a structure; returns how many bytes of `value` were written.
    public static int option(int fd, int level, int option, MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
            int result = (int) GETSOCKOPT.invokeExact(Native.state(), fd, level, option, value, length);
            if (result != 0) {
                throw Native.failure("get option %d of level %d of socket %d".formatted(option, level, fd));
            }
            return length.get(JAVA_INT, 0);
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// Has the kernel look at the socket's transmit ring, without waiting: `sendto` of nothing. For the data
    /// path: does not throw and does not allocate. If the kernel can't it is asked again at once, to learn why.
    ///
    /// @return 0, or the error number
    public static int kick(int fd) {
        long result;
        try {
            if ((long) SENDTO_FAST.invokeExact(fd, 0L, 0L, MSG_DONTWAIT, 0L, 0) >= 0) {
                return 0;
            }
            result = (long) SENDTO.invokeExact(Native.state(), fd, 0L, 0L, MSG_DONTWAIT, 0L, 0);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return result >= 0 ? 0 : Native.errno();
    }
}
