package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// File descriptors: open, create, close, lock, size, truncate, allocate, reads and writes (`fcntl.h`,
/// `unistd.h`, `sys/file.h`, `sys/uio.h`).
///
/// A descriptor is an `int` that the caller owns. Every method may be called from any thread; every failure
/// throws {@link LinuxException}, but for those that say they are for the data path. Descriptors are opened
/// close-on-exec.
public final class Fd {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_SYNC = 0x101000;
    private static final int O_CREAT = 0x40;
    private static final int O_CLOEXEC = 0x80000;
    private static final int SEEK_END = 2;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private static final MethodHandle OPEN = Native.function(
            "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE = Native.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FLOCK =
            Native.function("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle FTRUNCATE =
            Native.function("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle FALLOCATE =
            Native.function("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PREAD =
            Native.function("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PREAD_FAST =
            Native.withoutErrno("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PWRITE =
            Native.function("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle WRITE =
            Native.function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle LSEEK =
            Native.function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle READV_FAST =
            Native.withoutErrno("readv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle WRITEV_FAST =
            Native.withoutErrno("writev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle WRITEV =
            Native.function("writev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

    private static final MethodHandle FCNTL = Native.function(
            "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));

    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int LENGTH_SEALS = 1 | 2 | 4; // F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW

    private Fd() {}

    /// Opens an existing file with `O_…` flags.
    public static int open(String path, int flags) {
        return open("open ", path, flags, 0);
    }

    /// Creates a file that is to be written, or opens the one that is there, which keeps what it holds.
    ///
    /// @param mode permissions of a new file, as in `0644`, from which the process's umask is taken away
    public static int create(String path, int mode) {
        return open("create ", path, O_WRONLY | O_CREAT, mode);
    }

    private static int open(String what, String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) OPEN.invokeExact(Native.state(), arena.allocateFrom(path), flags | O_CLOEXEC, mode);
            if (fd < 0) {
                throw Native.failure(what + path);
            }
            return fd;
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    public static void close(int fd) {
        int result;
        try {
            result = (int) CLOSE.invokeExact(Native.state(), fd);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("close file descriptor " + fd);
        }
    }

    /// Locks a file, against those who also ask, until the descriptor is closed; never waits (flock(2)). To
    /// ask again with the same descriptor changes the lock. Where the file system has no locks everybody gets
    /// one.
    ///
    /// @param exclusive for this descriptor only; if not, for all that do not want it exclusively
    /// @return false if another descriptor, of this process or any other, has a lock that forbids this one
    public static boolean lock(int fd, boolean exclusive) {
        int result;
        try {
            result = (int) FLOCK.invokeExact(Native.state(), fd, LOCK_NB | (exclusive ? LOCK_EX : LOCK_SH));
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return result == 0 || Native.errno() != Errno.EAGAIN;
    }

    /// Sets the length of a file.
    public static void truncate(int fd, long length) {
        int result;
        try {
            result = (int) FTRUNCATE.invokeExact(Native.state(), fd, length);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("set the length of file descriptor %d to %d bytes".formatted(fd, length));
        }
    }

    /// Gives the first `length` bytes of a file its memory or disk blocks, so that none is found missing when
    /// they are used; the file becomes that long if it was shorter.
    public static void allocate(int fd, long length) {
        int result;
        do {
            try {
                result = (int) FALLOCATE.invokeExact(Native.state(), fd, 0, 0L, length);
            } catch (Throwable t) {
                throw Native.unexpected(t);
            }
        } while (result != 0 && Native.errno() == Errno.EINTR);
        if (result != 0) {
            throw Native.failure("allocate %d bytes for file descriptor %d".formatted(length, fd));
        }
    }

    /// Fixes the length of a {@linkplain Mman#memfd file in memory} for good. Whoever else is given the file
    /// could shorten it otherwise, and who touches what is gone gets SIGBUS.
    public static void fixLength(int fd) {
        int result;
        try {
            result = (int) FCNTL.invokeExact(Native.state(), fd, F_ADD_SEALS, LENGTH_SEALS);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result != 0) {
            throw Native.failure("fix the length of file descriptor " + fd);
        }
    }

    /// Whether a file is in memory, on huge pages or not, where no page of it is ever waited for: fcntl(2)
    /// knows seals of such files only.
    public static boolean isInMemory(int fd) {
        try {
            return (int) FCNTL.invokeExact(Native.state(), fd, F_GET_SEALS, 0) >= 0;
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// Reads up to `buffer`'s size at a file offset; returns the bytes read, 0 at the end of the file.
    public static long read(int fd, MemorySegment buffer, long offset) {
        long result;
        try {
            result = (long) PREAD.invokeExact(Native.state(), fd, buffer, buffer.byteSize(), offset);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw Native.failure("read %d bytes at 0x%x".formatted(buffer.byteSize(), offset));
        }
        return result;
    }

    /// Writes up to `buffer`'s size at a file offset; returns the bytes written.
    public static long write(int fd, MemorySegment buffer, long offset) {
        long result;
        try {
            result = (long) PWRITE.invokeExact(Native.state(), fd, buffer, buffer.byteSize(), offset);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw Native.failure("write %d bytes at 0x%x".formatted(buffer.byteSize(), offset));
        }
        return result;
    }

    /// Writes up to `length` bytes of memory where the file's position is, which moves on; returns the bytes
    /// written.
    public static long append(int fd, long address, long length) {
        long result;
        try {
            result = (long) WRITE.invokeExact(Native.state(), fd, address, length);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw Native.failure("write %d bytes".formatted(length));
        }
        return result;
    }

    /// Bytes in a file. Moves the file's position to its end.
    public static long size(int fd) {
        long result;
        try {
            result = (long) LSEEK.invokeExact(Native.state(), fd, 0L, SEEK_END);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        if (result < 0) {
            throw Native.failure("find the size of file descriptor " + fd);
        }
        return result;
    }

    /// Reads up to `length` bytes at a file offset, for the data path: does not throw and does not allocate.
    ///
    /// @return the bytes read, 0 at the end of the file, or -1 if it can't be read
    public static long readAt(int fd, long address, long length, long offset) {
        try {
            return (long) PREAD_FAST.invokeExact(fd, address, length, offset);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// Reads into several buffers, for the data path: does not throw and does not allocate.
    ///
    /// @param vectors address of `count` pairs of `long`s: a buffer's address and its length
    ///     (`struct iovec`)
    /// @return the bytes read, or -1 if there is nothing, or it can't be read
    public static long readVectors(int fd, long vectors, int count) {
        try {
            return (long) READV_FAST.invokeExact(fd, vectors, count);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
    }

    /// Writes several buffers, for the data path: does not throw and does not allocate. If it can't it tries
    /// again at once, to learn why.
    ///
    /// @param vectors address of `count` pairs of `long`s: a buffer's address and its length
    ///     (`struct iovec`)
    /// @return the bytes written, or the error number, negative
    public static long writeVectors(int fd, long vectors, int count) {
        long result;
        try {
            result = (long) WRITEV_FAST.invokeExact(fd, vectors, count);
            if (result < 0) {
                result = (long) WRITEV.invokeExact(Native.state(), fd, vectors, count);
            }
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return result >= 0 ? result : -Native.errno();
    }
}
