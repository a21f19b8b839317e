package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.barewire.core.linux.Mman.MAP_ANONYMOUS;
import static org.barewire.core.linux.Mman.MAP_FIXED_NOREPLACE;
import static org.barewire.core.linux.Mman.MAP_PRIVATE;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Numa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketMemoryTest {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void aRegionLiesAtItsTaggedIoAddress() {
        Region region = memory.add(1);
        assertThat(region.length()).isEqualTo(PacketMemory.GRAIN);
        assertThat(region.address() & ~PacketMemory.IO_MASK).isEqualTo(PacketMemory.TAG);
        assertThat(PacketMemory.ioAddress(region.address())).isBetween(1L << 37, 1L << 38);
        assertThat(region.extents().getFirst().ioAddress()).isEqualTo(region.address() - PacketMemory.TAG);
        Memory.putLong(region.address(), 42);
        assertThat(Memory.getLong(region.address())).isEqualTo(42);
    }

    @Test
    void aRegionIsZeroAndWholeGrains() {
        Region region = memory.add(PacketMemory.GRAIN + 1);
        assertThat(region.length()).isEqualTo(2 * PacketMemory.GRAIN);
        for (long offset = 0; offset < region.length(); offset += 8) {
            assertThat(Memory.getLong(region.address() + offset)).isZero();
        }
    }

    @Test
    void aRegionIsAlignedToItsSizeRoundedUpToAPowerOfTwo() {
        memory.add(1);
        Region region = memory.add(5 * PacketMemory.GRAIN);
        assertThat(region.address() % (8 * PacketMemory.GRAIN)).isZero();
    }

    @Test
    void aMappingInTheWayIsNeverOverwritten() {
        Region region = memory.add(1);
        long next = region.address() + PacketMemory.GRAIN;
        long obstacle =
                Mman.map(next, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        try {
            Memory.putLong(obstacle, 42);
            Region around = memory.add(1);
            Memory.fill(around.address(), around.length(), (byte) 0x55);
            assertThat(around.extents().getFirst().contains(obstacle, 1)).isFalse();
            assertThat(Memory.getLong(obstacle)).isEqualTo(42);
        } finally {
            Mman.unmap(obstacle, 4096);
        }
    }

    @Test
    void nobodyShortensARegionUnderItsUsers() {
        Region region = memory.add(1);
        for (long length : new long[] {0, region.length() - PacketMemory.GRAIN / 2, 2 * region.length()}) {
            assertThatThrownBy(() -> Fd.truncate(region.fd(), length))
                    .isInstanceOfSatisfying(
                            LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
        }
        Memory.putLong(region.address(), 1);
    }

    @Test
    void regionsComeAndGo() {
        Region first = memory.add(1);
        Region second = memory.add(1);
        assertThat(memory.regions()).containsExactly(first, second);
        memory.remove(first);
        assertThat(memory.regions()).containsExactly(second);
        Region third = memory.add(1);
        assertThat(memory.regions()).containsExactly(second, third);
        memory.close();
        assertThat(memory.regions()).isEmpty();
    }

    @Test
    void aRegionOfOtherMemoryIsNotRemoved() {
        try (PacketMemory other =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE)) {
            Region region = other.add(1);
            assertThatThrownBy(() -> memory.remove(region)).hasMessageStartingWith("not a region of this memory");
            assertThat(other.regions()).containsExactly(region);
        }
    }

    @Test
    void aRegionThatCannotBePreparedLeavesNothingBehind() throws IOException {
        int noSuchNode = 63;
        try (PacketMemory elsewhere =
                new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, noSuchNode)) {
            long mappings = mappings();
            long files = files();
            assertThatThrownBy(() -> elsewhere.add(1))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("NUMA node 63");
            assertThat(elsewhere.regions()).isEmpty();
            assertThat(mappings()).isEqualTo(mappings);
            assertThat(files()).isEqualTo(files);
        }
    }

    @Test
    void anEmptyRegionIsRefused() {
        assertThatThrownBy(() -> memory.add(0)).hasMessage("a region of 0 bytes");
        assertThatThrownBy(() -> memory.add(-1)).hasMessage("a region of -1 bytes");
    }

    @Test
    void itSaysHowMuchThereIsAndOnWhichPages() {
        memory.add(1);
        memory.add(3 * PacketMemory.GRAIN);
        assertThat(memory.describe()).isEqualTo("8 MiB of packet memory on 4 KiB pages");
    }

    @Test
    void theProcessHasOneStandardMemory() {
        assertThat(PacketMemory.standard()).isSameAs(PacketMemory.standard());
        assertThat(PacketMemory.standard().layout()).isEqualTo(PacketMemory.Layout.LINEAR);
    }

    private static long mappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("/memfd:barewire ")).count();
        }
    }

    private static long files() throws IOException {
        try (var list = Files.list(Path.of("/proc/self/fd"))) {
            return list.count();
        }
    }
}
