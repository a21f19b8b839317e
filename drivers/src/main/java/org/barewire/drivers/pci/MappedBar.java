package org.barewire.drivers.pci;

import java.lang.invoke.VarHandle;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.MappedRegisters;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.Registers;

/// A memory BAR, mapped. Narrow stores are plain ones between release fences, as those of
/// {@link MappedRegisters} and for the same reason.
final class MappedBar extends PciBar {
    private static final int PAGE = 4096;
    private static final long MOST = 1 << 30; // registers' offsets are positive ints

    private final long mapping;
    private final long mappedBytes;
    private final long base;
    private final long size;
    private final MappedRegisters registers;

    private MappedBar(long mapping, long mappedBytes, int offsetInPage, long size) {
        this.mapping = mapping;
        this.mappedBytes = mappedBytes;
        this.base = mapping + offsetInPage;
        this.size = size;
        this.registers = new MappedRegisters(base, (int) size);
    }

    /// Maps `size` bytes of a file, of which 1 GiB at most can be reached.
    ///
    /// @param offsetInPage where the BAR begins in its first page, which is what is mapped at `start`
    static MappedBar map(int fd, long start, int offsetInPage, long size) {
        long reachable = Math.min(size, MOST);
        long bytes = (offsetInPage + reachable + PAGE - 1) & -PAGE;
        long mapping = Mman.map(0, bytes, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED, fd, start);
        return new MappedBar(mapping, bytes, offsetInPage, reachable);
    }

    void unmap() {
        Mman.unmap(mapping, mappedBytes);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public int read8(int offset) {
        return Memory.getByteAcquire(address(offset, 1)) & 0xFF;
    }

    @Override
    public int read16(int offset) {
        return Memory.getShortAcquire(address(offset, 2)) & 0xFFFF;
    }

    @Override
    public int read32(int offset) {
        return registers.read32(offset);
    }

    @Override
    public void write8(int offset, int value) {
        long address = address(offset, 1);
        VarHandle.releaseFence();
        Memory.putByte(address, (byte) value);
        VarHandle.releaseFence();
    }

    @Override
    public void write16(int offset, int value) {
        long address = address(offset, 2);
        VarHandle.releaseFence();
        Memory.putShort(address, (short) value);
        VarHandle.releaseFence();
    }

    @Override
    public void write32(int offset, int value) {
        registers.write32(offset, value);
    }

    private long address(int offset, int width) {
        if (offset < 0 || offset + (long) width > size || offset % width != 0) {
            throw new IndexOutOfBoundsException(
                    "%d bytes at 0x%x are not within the 0x%x bytes of registers".formatted(width, offset, size));
        }
        return base + offset;
    }
}
