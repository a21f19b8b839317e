package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// A part of a device that the kernel shows as a part of a file: configuration space, or I/O ports.
///
/// Each call is one system call and makes the kernel access the device once, with just that width. Neither
/// reading nor writing allocates. Any thread may call. A device that is gone reads as all ones, and what is
/// written to it is lost.
public final class DeviceFile {
    private static final MethodHandle PREAD =
            Native.function("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle PWRITE =
            Native.function("pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final ThreadLocal<MemorySegment> VALUE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(JAVA_INT));

    private final String name;
    private final int fd;
    private final long start;
    private final long length;

    /// The `length` bytes from `start` on of an open file, which stays the caller's.
    ///
    /// @param name for messages
    public DeviceFile(String name, int fd, long start, long length) {
        this.name = name;
        this.fd = fd;
        this.start = start;
        this.length = length;
    }

    /// Bytes.
    public long length() {
        return length;
    }

    public int read8(int offset) {
        return read(offset, 1) ? VALUE.get().get(JAVA_BYTE, 0) & 0xFF : 0xFF;
    }

    public int read16(int offset) {
        return read(offset, 2) ? VALUE.get().get(JAVA_SHORT, 0) & 0xFFFF : 0xFFFF;
    }

    public int read32(int offset) {
        return read(offset, 4) ? VALUE.get().get(JAVA_INT, 0) : -1;
    }

    public void write8(int offset, int value) {
        VALUE.get().set(JAVA_BYTE, 0, (byte) value);
        write(offset, 1);
    }

    public void write16(int offset, int value) {
        VALUE.get().set(JAVA_SHORT, 0, (short) value);
        write(offset, 2);
    }

    public void write32(int offset, int value) {
        VALUE.get().set(JAVA_INT, 0, value);
        write(offset, 4);
    }

    private boolean read(int offset, long width) {
        checkBounds(offset, width);
        long result;
        try {
            result = (long) PREAD.invokeExact(Native.state(), fd, VALUE.get(), width, start + offset);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return isDone(result, width, "read %d bytes at 0x%x of ", offset);
    }

    private void write(int offset, long width) {
        checkBounds(offset, width);
        long result;
        try {
            result = (long) PWRITE.invokeExact(Native.state(), fd, VALUE.get(), width, start + offset);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        isDone(result, width, "write %d bytes at 0x%x of ", offset);
    }

    /// False if the device is gone; other errors are thrown.
    private boolean isDone(long result, long width, String whatWasTried, int offset) {
        if (result >= 0) {
            return result == width;
        }
        int errno = Native.errno();
        if (errno == Errno.ENODEV || errno == Errno.ENXIO || errno == Errno.EIO) {
            return false;
        }
        throw new LinuxException(whatWasTried.formatted(width, offset) + name, errno);
    }

    private void checkBounds(int offset, long width) {
        if (offset < 0 || offset + width > length || offset % width != 0) {
            throw new IndexOutOfBoundsException(
                    "%d bytes at 0x%x are not within the 0x%x bytes of %s".formatted(width, offset, length, name));
        }
    }
}
