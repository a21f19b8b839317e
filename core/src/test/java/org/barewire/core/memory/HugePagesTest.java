package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.Pagemap;
import org.barewire.core.memory.PacketMemory.Layout;
import org.barewire.core.memory.PacketMemory.Pages;
import org.junit.jupiter.api.Test;

class HugePagesTest {
    private static final long MORE_THAN_THERE_IS = 1L << 36;
    private static final long FEW_PAGES = 8;

    @Test
    void aRegionOnHugePagesIsMadeOfThem() throws IOException {
        assumeHugePages(2);
        long before = freePages();
        try (PacketMemory memory = new PacketMemory(Layout.LINEAR, Pages.HUGE, Numa.NO_NODE)) {
            Region region = memory.add(2 * PacketMemory.GRAIN);
            assertThat(region.pageSize()).isEqualTo(PacketMemory.GRAIN);
            assertThat(freePages()).isLessThanOrEqualTo(before - 2);
            assertThat(memory.describe()).isEqualTo("4 MiB of packet memory on 2 MiB pages");
        }
    }

    @Test
    void withoutEnoughHugePagesTheyAreRefusedOrReplaced() {
        try (PacketMemory memory = new PacketMemory(Layout.LINEAR, Pages.HUGE, Numa.NO_NODE)) {
            assertThatThrownBy(() -> memory.add(MORE_THAN_THERE_IS))
                    .isInstanceOf(LinuxException.class)
                    .hasMessage("allocate 65536 MiB on huge pages: out of memory (ENOMEM). "
                            + "Free some with: sysctl vm.nr_hugepages=32784");
            assertThat(memory.regions()).isEmpty();
        }
    }

    @Test
    @SuppressWarnings("try") // the rest is taken for as long as the block runs
    void whatDoesNotFitOnHugePagesGoesToOrdinaryOnesAndIsReported() throws IOException {
        long length = FEW_PAGES * PacketMemory.GRAIN;
        long reserved = Math.max(0, freePages() - FEW_PAGES + 1) * PacketMemory.GRAIN;
        try (Reserved rest = new Reserved(reserved);
                PacketMemory memory = new PacketMemory(Layout.LINEAR, Pages.HUGE_IF_FREE, Numa.NO_NODE)) {
            assertThat(memory.add(length).pageSize()).isEqualTo(4096);
            assertThat(memory.describe())
                    .isEqualTo(
                            "%d MiB of packet memory on 4 KiB pages (not enough free huge pages: sysctl vm.nr_hugepages=%d)",
                            length >> 20, length / PacketMemory.GRAIN + 16);
        }
    }

    @Test
    void aPhysicalRegionLiesAtItsPhysicalAddresses() throws IOException {
        assumeHugePages(3);
        assumeRoot();
        try (PacketMemory memory = new PacketMemory(Layout.PHYSICAL, Pages.HUGE, Numa.NO_NODE)) {
            Region region = memory.add(3 * PacketMemory.GRAIN);
            assertThat(region.extents()).hasSize(3);
            assertThat(region.length()).isEqualTo(3 * PacketMemory.GRAIN);
            for (Region.Extent extent : region.extents()) {
                assertThat(extent.address()).isEqualTo(PacketMemory.TAG | Pagemap.physicalAddress(extent.address()));
                assertThat(Pagemap.physicalAddress(extent.address() + 0x12345)).isEqualTo(extent.ioAddress() + 0x12345);
                assertThat(Memory.getLong(extent.address() + PacketMemory.GRAIN - 8))
                        .isZero();
            }
        }
    }

    @Test
    void aRingInPhysicalMemoryIsContiguousForDevices() throws IOException {
        assumeHugePages(2);
        assumeRoot();
        try (PacketMemory memory = new PacketMemory(Layout.PHYSICAL, Pages.HUGE, Numa.NO_NODE)) {
            long ring = memory.allocateRing(65536);
            for (int offset = 0; offset < 65536; offset += 4096) {
                assertThat(Pagemap.physicalAddress(ring + offset)).isEqualTo(PacketMemory.ioAddress(ring) + offset);
            }
            assertThatThrownBy(() -> memory.allocateRing(2 * PacketMemory.GRAIN))
                    .hasMessageContaining("more than a page of this layout");
        }
    }

    @Test
    void thePhysicalLayoutNeedsHugePages() {
        assertThatThrownBy(() -> new PacketMemory(Layout.PHYSICAL, Pages.NORMAL, Numa.NO_NODE))
                .hasMessage("the physical layout needs huge pages");
    }

    /// Huge pages that are kept from others, and not touched.
    private record Reserved(long address, long length) implements AutoCloseable {
        Reserved(long length) {
            this(length == 0 ? 0 : map(length), length);
        }

        private static long map(long length) {
            int fd = Mman.memfd("rest", Mman.MFD_HUGETLB | Mman.MFD_HUGE_2MB);
            try {
                Fd.truncate(fd, length);
                return Mman.map(0, length, Mman.PROT_READ, Mman.MAP_SHARED, fd, 0);
            } finally {
                Fd.close(fd);
            }
        }

        @Override
        public void close() {
            if (length > 0) {
                Mman.unmap(address, length);
            }
        }
    }

    private static void assumeHugePages(int count) throws IOException {
        assumeThat(freePages()).as("free huge pages").isGreaterThanOrEqualTo(count);
    }

    private static void assumeRoot() {
        assumeThat(System.getProperty("user.name"))
                .as("user, who sees physical addresses")
                .isEqualTo("root");
    }

    private static long freePages() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"))
                .strip());
    }
}
