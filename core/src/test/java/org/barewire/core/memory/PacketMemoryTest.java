package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.linux.Numa;
import org.junit.jupiter.api.Test;

class PacketMemoryTest {
    @Test
    void aRegionLiesAtItsTaggedIoAddress() {
        try (PacketMemory memory =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE)) {
            Region region = memory.add(1);
            assertThat(region.length()).isEqualTo(PacketMemory.GRAIN);
            assertThat(region.address() & ~PacketMemory.IO_MASK).isEqualTo(PacketMemory.TAG);
            assertThat(PacketMemory.ioAddress(region.address())).isBetween(1L << 32, 1L << 38);
            Memory.putLong(region.address(), 42);
            assertThat(Memory.getLong(region.address())).isEqualTo(42);
        }
    }
}
