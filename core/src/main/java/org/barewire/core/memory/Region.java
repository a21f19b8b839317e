package org.barewire.core.memory;

import java.util.List;

/// One shareable piece of packet memory: a memory file, mapped at its tagged addresses.
///
/// A region is what is mapped for a device's DMA and what is shared with another process. It stays mapped
/// until {@link PacketMemory#remove} is called.
///
/// @param fd        the memory file; owned by the region
/// @param pageSize  bytes in one page of it: 4096, or 2 MiB for huge pages
/// @param extents   where it is mapped, in the order of the file; a linear region has one
public record Region(int fd, long pageSize, List<Extent> extents) {
    /// A run of addresses that is contiguous for the process and for devices.
    ///
    /// @param address    tagged address, see {@link PacketMemory#TAG}
    /// @param length     bytes
    /// @param fileOffset where it begins in the memory file
    public record Extent(long address, long length, long fileOffset) {
        /// The address that a device must be given.
        public long ioAddress() {
            return PacketMemory.ioAddress(address);
        }

        public boolean contains(long address, long length) {
            return address >= this.address && address + length <= this.address + this.length;
        }
    }

    /// Bytes in all extents.
    public long length() {
        return extents.stream().mapToLong(Extent::length).sum();
    }

    /// Address of the first extent.
    public long address() {
        return extents.getFirst().address();
    }
}
