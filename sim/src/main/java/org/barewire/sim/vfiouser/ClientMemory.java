package org.barewire.sim.vfiouser;

import static org.barewire.core.linux.Mman.MAP_ANONYMOUS;
import static org.barewire.core.linux.Mman.MAP_NORESERVE;
import static org.barewire.core.linux.Mman.MAP_PRIVATE;
import static org.barewire.core.linux.Mman.MAP_SHARED;
import static org.barewire.core.linux.Mman.PROT_NONE;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.FileStatus;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.barewire.drivers.vfiouser.VfioUserCommand;
import org.barewire.drivers.vfiouser.VfioUserMessage;
import org.barewire.sim.Nic82599;

/// The memory that a client lets its device access (DMA_MAP, DMA_UNMAP), and nothing else is mapped. For the
/// server's thread.
///
/// It is mapped at its io address in a window of address space, so that what is contiguous for the device is so
/// here, however small the pieces are that an IOMMU maps it in.
final class ClientMemory implements AutoCloseable {
    private static final long WINDOW = 1L << 44;
    private static final long ALIGNMENT = 1L << 30;
    private static final int READ_WRITE = VfioUserCommand.DMA_READABLE | VfioUserCommand.DMA_WRITEABLE;

    private final Nic82599 nic;
    private final long reserved;
    private final long window;
    private final TreeMap<Long, Long> pieces = new TreeMap<>(); // io address to length
    private boolean withoutFile;

    ClientMemory(Nic82599 nic) {
        this.nic = nic;
        reserved = Mman.map(0, WINDOW + ALIGNMENT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        window = reserved + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /// Whether the client has mapped memory without a file, which the device can't reach.
    boolean withoutFile() {
        return withoutFile;
    }

    /// Pieces that are mapped.
    int pieces() {
        return pieces.size();
    }

    /// Returns 0 or the number of the error.
    int map(VfioUserMessage message) {
        if (message.size() < VfioUserCommand.DMA_MAP_BYTES) {
            return Errno.EINVAL;
        }
        ByteBuffer order = message.payload();
        int flags = order.getInt(4) & READ_WRITE;
        long offset = order.getLong(8);
        long io = order.getLong(16);
        long length = order.getLong(24);
        if (message.fds() == 0) {
            withoutFile = true;
            return 0; // QEMU maps its ROMs so
        }
        boolean possible = io >= 0 && length > 0 && io <= WINDOW - length && (io | length | offset) % 4096 == 0;
        if (!possible || flags == 0 || message.fds() != 1) {
            return Errno.EINVAL;
        }
        if (overlaps(io, length)) {
            return Errno.EEXIST;
        }
        return map(message.takeFd(), offset, io, length, (flags & VfioUserCommand.DMA_WRITEABLE) != 0);
    }

    private int map(int fd, long offset, long io, long length, boolean mayWrite) {
        try {
            FileStatus file = FileStatus.of(fd);
            if (!file.regular() || offset < 0 || length > file.length() || offset > file.length() - length) {
                return Errno.EINVAL; // an access beyond a file's end would be a fault
            }
            Mman.replace(window + io, length, PROT_READ | (mayWrite ? PROT_WRITE : 0), MAP_SHARED, fd, offset);
        } catch (LinuxException e) {
            return e.errno();
        } finally {
            Fd.close(fd); // the mapping lasts
        }
        pieces.put(io, length);
        nic.map(io, length, window + io, mayWrite);
        return 0;
    }

    private boolean overlaps(long io, long length) {
        Map.Entry<Long, Long> before = pieces.lowerEntry(io + length);
        return before != null && before.getKey() + before.getValue() > io;
    }

    /// Unmaps what lies in a range, which may be more than has ever been mapped; returns 0 or the number of the
    /// error.
    int unmap(VfioUserMessage message) {
        if (message.size() < VfioUserCommand.DMA_UNMAP_BYTES) {
            return Errno.EINVAL;
        }
        unmap(message.payload().getLong(8), message.payload().getLong(16));
        return 0;
    }

    private void unmap(long io, long length) {
        nic.unmap(io, length);
        Iterator<Map.Entry<Long, Long>> all = pieces.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Long, Long> piece = all.next();
            if (Long.compareUnsigned(piece.getKey() - io, length) < 0) {
                all.remove();
                Mman.replace(
                        window + piece.getKey(),
                        piece.getValue(),
                        PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                        -1,
                        0);
            }
        }
    }

    /// Everything is unmapped. The model has been reset.
    @Override
    public void close() {
        nic.unmap(0, Long.MIN_VALUE); // as an unsigned number, all that can have been mapped
        pieces.clear();
        Mman.unmap(reserved, WINDOW + ALIGNMENT);
    }
}
