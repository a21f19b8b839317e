package org.barewire.drivers.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.MappedRegisters;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The receive queue on a ring that the test fills descriptor by descriptor, as a device does that is slower
/// than the driver.
final class IntelRxQueueTest {
    private static final int SLOTS = 64;
    private static final int BUFFERS = 128;

    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final long registers = memory.allocateRing(0x10000);
    private final long ring = memory.allocateRing(SLOTS * Descriptor.BYTES);
    private final PacketPool pool = PacketPool.create(memory, BUFFERS);
    private final IntelRxQueue queue = new IntelRxQueue(
            new MappedRegisters(registers, 0x10000), 0, ring, SLOTS, pool, RxFormat.ADVANCED_10G, false);
    private final long[] packets = new long[8];
    private int slot;

    @BeforeEach
    void fill() {
        queue.fill();
    }

    @AfterEach
    void allBuffersComeHome() {
        queue.releaseBuffers();
        assertThat(pool.available()).isEqualTo(BUFFERS);
        queue.freeRing(memory);
        pool.close();
        memory.close();
    }

    private void arrive(int length, long flags) {
        Memory.putLong(ring + 16L * slot + 8, Descriptor.RX_DD | flags | (long) length << Descriptor.RX_LENGTH_SHIFT);
        slot = slot + 1 & SLOTS - 1;
    }

    @Test
    void aFrameWhoseSegmentsArriveOneByOneIsOnePacket() {
        for (int round = 0; round < 100; round++) {
            arrive(1000, 0);
            assertThat(queue.receive(packets)).isZero();
            arrive(1000, 0);
            assertThat(queue.receive(packets)).isZero();
            arrive(500, Descriptor.RX_EOP);
            arrive(60, Descriptor.RX_EOP);

            assertThat(queue.receive(packets)).isEqualTo(2);
            assertThat(Metadata.totalLength(packets[0])).isEqualTo(2500);
            assertThat(Packet.length(packets[1])).isEqualTo(60);
            assertThat(Packet.hasMetadata(packets[1])).isFalse();
            PacketPool.release(packets, 0, 2);
        }
        assertThat(queue.statistics().packets()).isEqualTo(200);
    }

    @Test
    void whatIsDamagedIsCountedAndItsWholeChainReleased() {
        arrive(1000, 0);
        arrive(60, Descriptor.RX_EOP | Descriptor.RX_CE);
        arrive(61, Descriptor.RX_EOP);

        assertThat(queue.receive(packets)).isEqualTo(1);
        assertThat(Packet.length(packets[0])).isEqualTo(61);
        assertThat(queue.statistics().errors()).isEqualTo(1);
        PacketPool.release(packets[0]);
    }

    @Test
    void slotsAreReadOnceUntilTheyHaveFreshBuffers() {
        long[] all = new long[BUFFERS];
        int received = 0;
        for (int i = 0; i < 3 * SLOTS; i++) {
            arrive(60, Descriptor.RX_EOP); // without a look at the tail: more than a device would write
            received += queue.receive(all, received, 1);
        }
        assertThat(received).isEqualTo(BUFFERS - 1);
        assertThat(Arrays.copyOf(all, received)).doesNotHaveDuplicates();
        assertThat(queue.receive(packets)).isZero();
        PacketPool.release(all, 0, received);
    }

    @Test
    void anArrayThatIsTooShortLosesNothing() {
        arrive(60, Descriptor.RX_EOP);
        arrive(61, Descriptor.RX_EOP);
        long[] tooShort = new long[1];

        assertThatThrownBy(() -> queue.receive(tooShort, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);

        assertThat(queue.receive(packets)).isEqualTo(2);
        PacketPool.release(packets, 0, 2);
    }
}
