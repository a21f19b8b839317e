package org.barewire.core.linux;

import java.util.Map;

/// Error numbers of Linux on x86-64 (`asm-generic/errno-base.h`, `asm-generic/errno.h`).
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int ENOTDIR = 20;
    public static final int EISDIR = 21;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int ENOTTY = 25;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int EROFS = 30;
    public static final int EPIPE = 32;
    public static final int ENOSYS = 38;
    public static final int EBADFD = 77;
    public static final int EPROTOTYPE = 91;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int ENETDOWN = 100;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ECONNREFUSED = 111;

    private record Name(String symbol, String meaning) {}

    private static final Map<Integer, Name> NAMES = Map.ofEntries(
            Map.entry(EPERM, new Name("EPERM", "operation not permitted")),
            Map.entry(ENOENT, new Name("ENOENT", "no such file or directory")),
            Map.entry(EINTR, new Name("EINTR", "interrupted by a signal")),
            Map.entry(EIO, new Name("EIO", "input/output error")),
            Map.entry(ENXIO, new Name("ENXIO", "no such device or address")),
            Map.entry(EBADF, new Name("EBADF", "bad file descriptor")),
            Map.entry(EAGAIN, new Name("EAGAIN", "try again")),
            Map.entry(ENOMEM, new Name("ENOMEM", "out of memory")),
            Map.entry(EACCES, new Name("EACCES", "permission denied")),
            Map.entry(EFAULT, new Name("EFAULT", "bad address")),
            Map.entry(EBUSY, new Name("EBUSY", "device or resource busy")),
            Map.entry(EEXIST, new Name("EEXIST", "already exists")),
            Map.entry(ENODEV, new Name("ENODEV", "no such device")),
            Map.entry(ENOTDIR, new Name("ENOTDIR", "a part of the path is no directory")),
            Map.entry(EISDIR, new Name("EISDIR", "is a directory")),
            Map.entry(EINVAL, new Name("EINVAL", "invalid argument")),
            Map.entry(EMFILE, new Name("EMFILE", "too many open files")),
            Map.entry(ENOTTY, new Name("ENOTTY", "not supported by this kind of file")),
            Map.entry(EFBIG, new Name("EFBIG", "larger than a file may be")),
            Map.entry(ENOSPC, new Name("ENOSPC", "no space left")),
            Map.entry(EROFS, new Name("EROFS", "a file system that is only read")),
            Map.entry(ENOSYS, new Name("ENOSYS", "not implemented by this kernel")),
            Map.entry(EPIPE, new Name("EPIPE", "the other end is closed")),
            Map.entry(EPROTOTYPE, new Name("EPROTOTYPE", "wrong type of socket")),
            Map.entry(EOPNOTSUPP, new Name("EOPNOTSUPP", "operation not supported")),
            Map.entry(EADDRINUSE, new Name("EADDRINUSE", "address already in use")),
            Map.entry(ECONNRESET, new Name("ECONNRESET", "the other end has broken the connection")),
            Map.entry(ECONNREFUSED, new Name("ECONNREFUSED", "nobody listens there")),
            Map.entry(EBADFD, new Name("EBADFD", "file descriptor in bad state")),
            Map.entry(ENETDOWN, new Name("ENETDOWN", "the network is down")),
            Map.entry(ENOBUFS, new Name("ENOBUFS", "no buffer space left")));

    private Errno() {}

    /// As in `permission denied (EACCES)`.
    public static String describe(int errno) {
        Name name = NAMES.get(errno);
        return name == null ? "errno " + errno : "%s (%s)".formatted(name.meaning, name.symbol);
    }
}
