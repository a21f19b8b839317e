package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A local socket that can carry file descriptors (unix(7)), which the JDK's channels can't.
///
/// Names are paths; one that begins with `@` is abstract: it has no file. A socket never blocks and is
/// close-on-exec; wait for it with {@link Poll}. One thread sends and receives at a time, any thread may
/// close a socket that no other uses. What fails throws {@link LinuxException}; that the other end is gone
/// is an answer and not a failure.
public final class UnixSocket implements AutoCloseable {
    /// How messages are kept apart.
    public enum Type {
        /// Not at all: bytes in order.
        STREAM(1),
        /// Each is received as it was sent.
        SEQPACKET(5);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    /// {@link #send} and {@link #receive}: not now, try again when {@link Poll} says so.
    public static final int WOULD_BLOCK = -1;

    /// {@link #send} and {@link #receive}: the other end is closed, or its process has died.
    public static final int CLOSED = 0;

    /// The most descriptors in one message.
    public static final int MAX_FDS = 8;

    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int BACKLOG = 16;
    private static final int S_IFMT = 0xF000;
    private static final int S_IFSOCK = 0xC000;

    private static final MethodHandle SOCKET =
            Native.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle SOCKETPAIR =
            Native.function("socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle BIND =
            Native.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle LISTEN =
            Native.function("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle ACCEPT4 =
            Native.function("accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle CONNECT =
            Native.function("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

    private final int fd;
    private final String name;
    private @Nullable Object file; // key of the file that was made for a listening socket
    private boolean closed;

    private UnixSocket(int fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    /// Listens at a name. The file of a socket that nobody listens on any more, left by a process that died,
    /// is replaced; any other file is left alone. {@link #close} removes the file.
    public static UnixSocket listen(Type type, String name) {
        UnixSocket socket = create(type.number, name);
        try {
            socket.bindReplacing(type.number);
            if (call(LISTEN, socket.fd, BACKLOG) != 0) {
                throw Native.failure("listen on socket " + name);
            }
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// A datagram socket, which receives what is sent to a name, each message as it was sent. Its file is
    /// replaced and removed as that of a {@linkplain #listen listening} one.
    public static UnixSocket bind(String name) {
        UnixSocket socket = create(SOCK_DGRAM, name);
        try {
            socket.bindReplacing(SOCK_DGRAM);
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// Makes this datagram socket send to, and receive from, only one other, which has to be bound already.
    ///
    /// @throws LinuxException with ENOENT or ECONNREFUSED if it isn't
    public void setPeer(String peer) {
        if (withAddress(CONNECT, peer) != 0) {
            throw Native.failure("connect to socket " + peer);
        }
    }

    /// Connects to a name that somebody listens on.
    ///
    /// @throws LinuxException with ENOENT or ECONNREFUSED if nobody does, with EAGAIN if too many are waiting
    public static UnixSocket connect(Type type, String name) {
        UnixSocket socket = create(type.number, name);
        try {
            if (socket.withAddress(CONNECT) != 0) {
                throw Native.failure("connect to socket " + name);
            }
            return socket;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// Two sockets that are connected to one another.
    public static List<UnixSocket> pair(Type type) {
        int result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(JAVA_INT, 2);
            result = (int) SOCKETPAIR.invokeExact(
                    Native.state(), (int) UnixAddress.AF_UNIX, type.number | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
            if (result == 0) {
                return List.of(
                        new UnixSocket(fds.getAtIndex(JAVA_INT, 0), "one of a pair"),
                        new UnixSocket(fds.getAtIndex(JAVA_INT, 1), "one of a pair"));
            }
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        throw Native.failure("create a pair of sockets");
    }

    /// The next connection of a listening socket, or null if none is waiting.
    public @Nullable UnixSocket accept() {
        int accepted;
        try {
            accepted = (int) ACCEPT4.invokeExact(
                    Native.state(), fd, MemorySegment.NULL, MemorySegment.NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (accepted >= 0) {
            return new UnixSocket(accepted, name);
        }
        if (Native.errno() == Errno.EAGAIN || Native.errno() == Errno.EINTR) {
            return null;
        }
        throw Native.failure("accept a connection on socket " + name);
    }

    /// The descriptor; it stays this object's.
    public int fd() {
        return fd;
    }

    /// The name it listens on, is bound to or connected to.
    public String name() {
        return name;
    }

    /// Sends bytes, and descriptors along with the first of them; the other end gets duplicates, the caller
    /// keeps its own.
    ///
    /// @param fds at most {@link #MAX_FDS}
    /// @return how many bytes were sent (on a stream socket perhaps not all; the descriptors then have been),
    ///     {@link #WOULD_BLOCK} or {@link #CLOSED}
    public int send(byte[] bytes, int from, int count, int... fds) {
        if (fds.length > MAX_FDS) {
            throw new IllegalArgumentException(
                    "%d descriptors in a message: %d are possible".formatted(fds.length, MAX_FDS));
        }
        return UnixMessage.send(this, bytes, from, count, fds);
    }

    /// Receives up to `count` bytes, at least one, and the descriptors that came along.
    ///
    /// @param fds the descriptors are added to it, close-on-exec, and are the caller's from then on
    /// @return how many bytes came, {@link #WOULD_BLOCK} or {@link #CLOSED}
    /// @throws LinuxException if more descriptors came than {@link #MAX_FDS}, or a message was longer than
    ///     `count`: what came is closed and forgotten
    public int receive(byte[] bytes, int from, int count, List<Integer> fds) {
        return UnixMessage.receive(this, bytes, from, count, fds);
    }

    /// Closes the socket; of a listening one the file goes, too, if it is still the one that was made.
    /// Closing twice does nothing.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (file != null && file.equals(socketFile(name))) {
            removeFile(name);
        }
        Fd.close(fd);
    }

    private static UnixSocket create(int type, String name) {
        int fd;
        try {
            fd = (int) SOCKET.invokeExact(
                    Native.state(), (int) UnixAddress.AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (fd < 0) {
            throw Native.failure("create a local socket");
        }
        return new UnixSocket(fd, name);
    }

    private void bindReplacing(int type) {
        if (withAddress(BIND) != 0) {
            int errno = Native.errno();
            if (errno != Errno.EADDRINUSE || UnixAddress.isAbstract(name) || !isStale(type, name)) {
                String cure = errno == Errno.EADDRINUSE
                        ? "Another process listens there, or the file is no socket: use another name"
                        : "";
                throw new LinuxException("listen on socket " + name, errno, cure);
            }
            removeFile(name);
            if (withAddress(BIND) != 0) {
                throw Native.failure("listen on socket " + name);
            }
        }
        if (!UnixAddress.isAbstract(name)) {
            file = socketFile(name);
        }
    }

    /// A socket's file that refuses connections has no listener, and never will have one again.
    private static boolean isStale(int type, String name) {
        if (socketFile(name) == null) {
            return false;
        }
        try (UnixSocket probe = create(type, name)) {
            return probe.withAddress(CONNECT) != 0 && Native.errno() == Errno.ECONNREFUSED;
        }
    }

    /// What tells a socket's file from all others, or null if there is none or it is no socket's.
    private static @Nullable Object socketFile(String name) {
        try {
            var attributes = Files.readAttributes(Path.of(name), "unix:mode,fileKey", LinkOption.NOFOLLOW_LINKS);
            boolean socket = attributes.get("mode") instanceof Integer mode && (mode & S_IFMT) == S_IFSOCK;
            return socket ? attributes.get("fileKey") : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static void removeFile(String name) {
        try {
            Files.deleteIfExists(Path.of(name));
        } catch (IOException e) {
            throw new LinuxException("remove the socket file " + name, Errno.EACCES, "Remove it by hand");
        }
    }

    private int withAddress(MethodHandle function) {
        return withAddress(function, name);
    }

    private int withAddress(MethodHandle function, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = UnixAddress.encode(arena, name);
            return (int) function.invokeExact(Native.state(), fd, address, (int) address.byteSize());
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    private static int call(MethodHandle function, int fd, int argument) {
        try {
            return (int) function.invokeExact(Native.state(), fd, argument);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
