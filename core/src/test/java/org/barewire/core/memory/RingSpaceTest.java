package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.barewire.core.linux.Numa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RingSpaceTest {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void aRingIsAlignedToItsSizeUpToAPage() {
        for (long length : new long[] {1, 16, 64, 65, 128, 1000, 2048, 4096, 5000, 8192, 65536}) {
            long address = memory.allocateRing(length);
            long alignment = Math.clamp(length, 64, 4096);
            assertThat(address % Long.highestOneBit(alignment))
                    .as("ring of %d", length)
                    .isZero();
        }
    }

    @Test
    void aRingIsZeroEvenWhereAnotherOneWas() {
        long first = memory.allocateRing(4096);
        Memory.fill(first, 4096, (byte) 0x55);
        memory.freeRing(first, 4096);
        long second = memory.allocateRing(4096);
        assertThat(second).isEqualTo(first);
        for (int offset = 0; offset < 4096; offset += 8) {
            assertThat(Memory.getLong(second + offset)).isZero();
        }
    }

    @Test
    void smallRingsShareARegion() {
        for (int i = 0; i < 512; i++) {
            memory.allocateRing(4096);
        }
        assertThat(memory.regions()).hasSize(1);
        memory.allocateRing(64);
        assertThat(memory.regions()).hasSize(2);
    }

    @Test
    void freedRingsGrowTogetherAgain() {
        long[] rings = new long[512];
        for (int i = 0; i < rings.length; i++) {
            rings[i] = memory.allocateRing(4096);
        }
        for (int i = 0; i < rings.length; i += 2) {
            memory.freeRing(rings[i], 4096);
        }
        for (int i = 1; i < rings.length; i += 2) {
            memory.freeRing(rings[i], 4096);
        }
        memory.allocateRing(PacketMemory.GRAIN);
        assertThat(memory.regions()).hasSize(1);
    }

    @Test
    void aRingMayBeLargerThanAHugePage() {
        long address = memory.allocateRing(3 * PacketMemory.GRAIN);
        Memory.putLong(address + 3 * PacketMemory.GRAIN - 8, 1);
        memory.freeRing(address, 3 * PacketMemory.GRAIN);
        assertThat(memory.allocateRing(3 * PacketMemory.GRAIN)).isEqualTo(address);
    }

    @Test
    void anEmptyRingIsRefused() {
        assertThatThrownBy(() -> memory.allocateRing(0)).hasMessage("a ring of 0 bytes");
    }

    /// A stamp at both ends of each ring tells if another one was laid over it.
    @Test
    void ringsNeverOverlapInWhateverOrderTheyComeAndGo() {
        record Ring(long address, int length) {}

        Random random = new Random(4);
        List<Ring> rings = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (rings.size() < 300 && random.nextInt(100) < 55) {
                int length = 64 << random.nextInt(8);
                long address = memory.allocateRing(length);
                rings.add(new Ring(address, length));
                Memory.putLong(address, address);
                Memory.putLong(address + length - 8, address);
            } else if (!rings.isEmpty()) {
                Ring ring = rings.remove(random.nextInt(rings.size()));
                assertThat(Memory.getLong(ring.address)).isEqualTo(ring.address);
                assertThat(Memory.getLong(ring.address + ring.length - 8)).isEqualTo(ring.address);
                memory.freeRing(ring.address, ring.length);
            }
        }
        assertThat(memory.regions().size()).isLessThanOrEqualTo(3);
    }
}
