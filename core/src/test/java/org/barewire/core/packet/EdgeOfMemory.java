package org.barewire.core.packet;

import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// Packets that end, or begin, where mapped memory does, so that one byte read or written too many is an
/// access that checked memory catches.
final class EdgeOfMemory implements AutoCloseable {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final Region region = memory.add(1);

    /// The packet whose last byte is the last byte of mapped memory.
    long atEnd(byte[] bytes) {
        return place(region.address() + region.length() - bytes.length, bytes);
    }

    /// The packet whose first byte is the first byte of mapped memory.
    long atStart(byte[] bytes) {
        return place(region.address(), bytes);
    }

    private static long place(long address, byte[] bytes) {
        Memory.copy(bytes, 0, address, bytes.length);
        return Packet.of(address, bytes.length);
    }

    @Override
    public void close() {
        memory.close();
    }
}
