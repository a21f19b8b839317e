package org.barewire.drivers.pcap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;

/// A file while a capture is written to it, which nobody else writes or replays meanwhile: whoever wants
/// to, of this process or another, by whatever name, is refused before anything is lost (flock(2)). Belongs to
/// one thread at a time.
public final class CaptureFile implements WritableByteChannel {
    private static final int MODE = 0644;
    private static final int CHUNK = 1 << 16;

    private final int fd;
    private final byte[] bytes = new byte[CHUNK];
    private final long chunk; // what the kernel is shown of a buffer
    private boolean closed;

    private CaptureFile(int fd) {
        this.fd = fd;
        int flags = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
        this.chunk = Mman.map(0, CHUNK, Mman.PROT_READ | Mman.PROT_WRITE, flags, -1, 0);
    }

    /// Creates a file, or empties the one that is there.
    ///
    /// @throws LinuxException  if it cannot be written
    /// @throws DeviceException if it is being written or replayed; it stays as it is
    public static CaptureFile create(String path) {
        int fd = Fd.create(path, MODE);
        try {
            if (Files.isRegularFile(Path.of(path))) { // not /dev/null and the like, which many may write
                claim(fd, path);
                Fd.truncate(fd, 0);
            }
            return new CaptureFile(fd);
        } catch (RuntimeException e) {
            Fd.close(fd);
            throw e;
        }
    }

    private static void claim(int fd, String path) {
        if (!Fd.lock(fd, true)) {
            String use = Fd.lock(fd, false) ? "read" : "written";
            throw new DeviceException(
                    "%s is being %s by this process or another; write to another file".formatted(path, use));
        }
    }

    /// Writes memory, all of it.
    ///
    /// @throws LinuxException if not all of it can be written
    void append(long address, long length) {
        long written = 0;
        while (written < length) {
            written += Fd.append(fd, address + written, length - written);
        }
    }

    /// Writes what is short, 64 KiB at most, all of it.
    ///
    /// @throws LinuxException if not all of it can be written
    void append(byte[] few) {
        Memory.copy(few, 0, chunk, few.length);
        append(chunk, few.length);
    }

    /// Writes some of a buffer: at most 64 KiB.
    @Override
    public int write(ByteBuffer from) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        int length = Math.min(from.remaining(), CHUNK);
        from.get(from.position(), bytes, 0, length);
        Memory.copy(bytes, 0, chunk, length);
        try {
            int written = (int) Fd.append(fd, chunk, length);
            from.position(from.position() + written);
            return written;
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    /// Gives the file free.
    ///
    /// @throws LinuxException if what was written is not where it belongs
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Mman.unmap(chunk, CHUNK);
            Fd.close(fd);
        }
    }
}
