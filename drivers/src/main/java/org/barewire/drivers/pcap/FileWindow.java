package org.barewire.drivers.pcap;

import java.nio.file.Files;
import java.nio.file.Path;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;

/// A file that is there to be read, and the part of it that is in memory just now.
///
/// The part is read with one system call, not mapped: so whoever shortens or rewrites the file meanwhile
/// changes nothing that has been looked at already, and what is missing is noticed where it is missing.
/// Up to {@link #READ_AT_ONCE} bytes are read when it is opened, so that the data path never waits for the
/// disk; the kernel reads further ones ahead of it.
final class FileWindow implements AutoCloseable {
    /// The most bytes that {@link #at} can be asked for.
    static final int SPACE = 1 << 19;

    private static final int USUAL = 1 << 18; // of a read: stays in the processor's cache
    private static final long READ_AT_ONCE = 1L << 30;

    private final int fd;
    private final long length;
    private final long space;
    private long from; // first byte in memory
    private int there; // bytes in memory

    private FileWindow(int fd, long length, long space) {
        this.fd = fd;
        this.length = length;
        this.space = space;
    }

    static FileWindow open(String path) {
        if (Files.isDirectory(Path.of(path))) {
            throw new DeviceException(path + " is a directory: name a capture file in it");
        }
        int fd;
        try {
            fd = Fd.open(path, Fd.O_RDONLY);
        } catch (LinuxException e) {
            String cure = e.errno() == Errno.ENOENT ? ". To write a new file, add ?write=yes" : "";
            throw new DeviceException(e.getMessage() + cure, e);
        }
        Fd.lock(fd, false); // nobody writes it from now on; if somebody does already, what is there can be read
        try {
            long length = Fd.size(fd);
            if (length == 0) {
                throw new DeviceException(path + " is empty: a capture has at least a header of 24 bytes");
            }
            int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_POPULATE;
            long space = Mman.map(0, SPACE, Mman.PROT_READ | Mman.PROT_WRITE, flags, -1, 0);
            FileWindow opened = new FileWindow(fd, length, space);
            opened.readOnce(path);
            return opened;
        } catch (DeviceException | LinuxException e) {
            Fd.close(fd);
            throw e instanceof LinuxException
                    ? new DeviceException("%s cannot be read: %s".formatted(path, e.getMessage()), e)
                    : e;
        }
    }

    private void readOnce(String path) {
        long end = Math.min(length, READ_AT_ONCE);
        for (long offset = 0; offset < end; offset += there) {
            load(offset, 0);
            if (there == 0) {
                Mman.unmap(space, SPACE);
                throw new DeviceException("%s cannot be read at byte %d of %d".formatted(path, offset, length));
            }
        }
    }

    /// Bytes in the file when it was opened.
    long length() {
        return length;
    }

    /// Address of so many bytes, which stay there until others are asked for; 0 if they can't be read any more.
    ///
    /// @param bytes up to {@link #SPACE}, and not beyond the file's length
    long at(long offset, int bytes) {
        long within = offset - from;
        if (within < 0 || within + bytes > there) {
            load(offset, bytes);
            return bytes <= there ? space : 0;
        }
        return space + within;
    }

    private void load(long offset, int bytes) {
        from = offset;
        there = 0;
        long wanted = Math.min(Math.max(bytes, USUAL), length - offset);
        long read;
        do {
            read = Fd.readAt(fd, space + there, wanted - there, offset + there);
            there += (int) Math.max(read, 0);
        } while (read > 0 && there < wanted);
    }

    @Override
    public void close() {
        Mman.unmap(space, SPACE);
        Fd.close(fd);
    }
}
