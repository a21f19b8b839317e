package org.barewire.drivers.vhost;

import static org.barewire.core.linux.Mman.MAP_SHARED;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import org.barewire.core.linux.Fd;
import org.barewire.core.linux.FileStatus;
import org.barewire.core.linux.Mman;

/// A range of a guest's memory, mapped into this process.
///
/// @param guest   its address as descriptors have it
/// @param size    bytes
/// @param user    its address in the front end's process, as ring addresses have it
/// @param address where it is in this process
/// @param mapping where the mapping begins, which is made of whole pages of the file
/// @param mapped  bytes of the mapping
record GuestRegion(long guest, long size, long user, long address, long mapping, long mapped) {
    /// Addresses of user space and of guests: more than any machine has.
    private static final long LIMIT = 1L << 47;

    private static final long LARGEST_PAGE = 1L << 30;

    /// Maps the region that is described at an offset of a message's payload, by the next of its descriptors.
    static GuestRegion map(VhostMessage message, int offset) {
        int fd = message.takeFd();
        try {
            return map(
                    fd,
                    message.getLong(offset),
                    message.getLong(offset + 8),
                    message.getLong(offset + 16),
                    message.getLong(offset + 24));
        } finally {
            Fd.close(fd); // the mapping lasts
        }
    }

    /// Maps what a front end offers. The descriptor stays the caller's.
    ///
    /// @throws ProtocolException if that is not a range of a file in memory of at least that size: an access
    ///     beyond a file's end would be a fault, and one to a file elsewhere could last
    static GuestRegion map(int fd, long guest, long size, long user, long offset) {
        if (size <= 0 || size > LIMIT) {
            throw new ProtocolException("a memory region of %d bytes".formatted(size));
        }
        checkRange("guest address", guest, size);
        checkRange("user address", user, size);
        checkRange("file offset", offset, size);
        FileStatus file = FileStatus.of(fd);
        long page = file.blockSize();
        if (!file.regular() || !Fd.isInMemory(fd) || page < 4096 || page > LARGEST_PAGE || Long.bitCount(page) != 1) {
            throw new ProtocolException("a memory region whose descriptor is no file in memory");
        }
        if (offset + size > file.length()) {
            throw new ProtocolException(
                    "a memory region up to byte %d of a file of %d bytes".formatted(offset + size, file.length()));
        }
        long begin = offset & -page;
        long mapped = (offset + size - begin + page - 1) & -page;
        long mapping = Mman.map(0, mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, begin);
        return new GuestRegion(guest, size, user, mapping + offset - begin, mapping, mapped);
    }

    void unmap() {
        Mman.unmap(mapping, mapped);
    }

    boolean overlaps(GuestRegion other) {
        return guest < other.guest + other.size && other.guest < guest + size;
    }

    /// Whether a front end means this one when it takes a region away, which it names by these three.
    boolean is(long guest, long size, long user) {
        return this.guest == guest && this.size == size && this.user == user;
    }

    private static void checkRange(String what, long start, long size) {
        if (start < 0 || start > LIMIT - size) {
            throw new ProtocolException("a memory region of %d bytes at %s 0x%x".formatted(size, what, start));
        }
    }
}
