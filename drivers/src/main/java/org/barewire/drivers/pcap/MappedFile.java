package org.barewire.drivers.pcap;

import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;

/// A file that is there to be read, mapped as a whole.
///
/// Up to {@link #READ_AT_ONCE} bytes are read when it is opened, so that the data path never waits for the
/// disk; the kernel reads further ones ahead of it.
///
/// @param address of its first byte
/// @param length  bytes
record MappedFile(long address, long length) implements AutoCloseable {
    private static final long READ_AT_ONCE = 1L << 30;

    static MappedFile open(String path) {
        int fd;
        try {
            fd = Fd.open(path, Fd.O_RDONLY);
        } catch (LinuxException e) {
            throw new DeviceException(e.getMessage() + ". To write a new file, add ?write=yes", e);
        }
        try {
            long length = Fd.size(fd);
            if (length == 0) {
                throw new DeviceException(path + " is empty: a capture has at least a header of 24 bytes");
            }
            int flags = Mman.MAP_PRIVATE | (length <= READ_AT_ONCE ? Mman.MAP_POPULATE : 0);
            return new MappedFile(Mman.map(0, length, Mman.PROT_READ, flags, fd, 0), length);
        } catch (LinuxException e) {
            throw new DeviceException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
        } finally {
            Fd.close(fd);
        }
    }

    @Override
    public void close() {
        Mman.unmap(address, length);
    }
}
