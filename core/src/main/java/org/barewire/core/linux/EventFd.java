package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// An event counter with a file descriptor (`sys/eventfd.h`), by which processes that share memory wake one
/// another.
///
/// It never blocks, and neither {@link #signal} nor {@link #drain} allocates. Any thread may call.
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;
    private static final int F_SETFL = 4;
    private static final int RWF_NOWAIT = 8;

    private static final MethodHandle EVENTFD =
            Native.function("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle READ =
            Native.withoutErrno("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle WRITE =
            Native.withoutErrno("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PREADV2 = Native.withoutErrno(
            "preadv2", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FCNTL = Native.function(
            "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));

    private static final long ONE = Arena.global().allocateFrom(JAVA_LONG, 1).address();
    private static final long READ_AWAY = Arena.global().allocate(JAVA_LONG).address(); // written by all, read by none

    private static final long VECTOR =
            Arena.global().allocateFrom(JAVA_LONG, READ_AWAY, 8).address(); // struct iovec: address, length

    private final int fd;
    private boolean closed;

    private EventFd(int fd) {
        this.fd = fd;
    }

    /// A counter that stands at zero.
    public static EventFd create() {
        int fd;
        try {
            fd = (int) EVENTFD.invokeExact(Native.state(), 0, EFD_CLOEXEC | EFD_NONBLOCK);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (fd < 0) {
            throw Native.failure("create an event counter");
        }
        return new EventFd(fd);
    }

    /// Takes over a descriptor that another process sent, which may be anything: unless it is an event
    /// counter it is closed and refused.
    ///
    /// The other process can still make the counter block its users, since that is a property of the counter: see
    /// {@link #drainShared}.
    public static EventFd adopt(int fd) {
        if (!isEventFd(fd) || !setNonBlocking(fd)) {
            Fd.close(fd);
            throw new LinuxException("use a descriptor that was received as an event counter", Errno.EINVAL);
        }
        return new EventFd(fd);
    }

    /// The descriptor; it stays this object's.
    public int fd() {
        return fd;
    }

    /// Adds one, which wakes who waits for it. Says whether it could; not if the counter is at its end, where
    /// it is signalled anyway.
    public boolean signal() {
        try {
            return (long) WRITE.invokeExact(fd, ONE, 8L) == 8;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// Sets the counter to zero; says whether it had been signalled.
    public boolean drain() {
        try {
            return (long) READ.invokeExact(fd, READ_AWAY, 8L) == 8;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// As {@link #drain}, for a counter that another process has as well, which could have made it block: does not
    /// wait whatever that has set.
    ///
    /// Before Linux 5.8 this does nothing, so that who waits for such a counter is woken again and again.
    public boolean drainShared() {
        try {
            return (long) PREADV2.invokeExact(fd, VECTOR, 1, -1L, RWF_NOWAIT) == 8;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// Closing twice does nothing.
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Fd.close(fd);
        }
    }

    private static boolean isEventFd(int fd) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
            return target.toString().equals("anon_inode:[eventfd]");
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean setNonBlocking(int fd) {
        try {
            return (int) FCNTL.invokeExact(Native.state(), fd, F_SETFL, EFD_NONBLOCK) == 0;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }
}
