package org.barewire.drivers.intel;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.linux.Numa;
import org.barewire.core.memory.MappedRegisters;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Legacy descriptors (8254x manual, 3.2.3), byte by byte: length, checksum, status, errors, tag.
class LegacyRxTest {
    private static final int SLOTS = 64;
    private static final int DONE = 0x03;
    private static final int NOT_CHECKED = 0x04;
    private static final int TAGGED = 0x08;
    private static final int CHECKED = 0x60;

    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final long registers = memory.allocateRing(4096);
    private final long ring = memory.allocateRing(SLOTS * Descriptor.BYTES);
    private final PacketPool pool = PacketPool.create(memory, 2 * SLOTS);
    private final IntelRxQueue queue =
            new IntelRxQueue(new MappedRegisters(registers, 4096), 0x18, ring, SLOTS, pool, RxFormat.LEGACY, true);
    private final long[] packets = new long[8];
    private int slot;

    LegacyRxTest() {
        queue.fill();
    }

    @AfterEach
    void allBuffersComeHome() {
        queue.releaseBuffers();
        assertThat(pool.available()).isEqualTo(2 * SLOTS);
        queue.freeRing(memory);
        pool.close();
        memory.close();
    }

    private void arrive(int length, int status, int errors, int tag) {
        long descriptor = ring + 16L * slot++;
        Memory.putShort(descriptor + 8, (short) length);
        Memory.putShort(descriptor + 10, (short) 0xBEEF);
        Memory.putByte(descriptor + 12, (byte) status);
        Memory.putByte(descriptor + 13, (byte) errors);
        Memory.putShort(descriptor + 14, (short) tag);
    }

    private int receiveFlags() {
        assertThat(queue.receive(packets)).isEqualTo(1);
        int flags = Metadata.flags(packets[0]);
        PacketPool.release(packets[0]);
        return flags;
    }

    @Test
    void checksumsAndTagsAreRead() {
        arrive(60, DONE | CHECKED, 0, 0);
        assertThat(receiveFlags()).isEqualTo(Metadata.IPV4_CHECKSUM_GOOD | Metadata.L4_CHECKSUM_GOOD);
        arrive(60, DONE | CHECKED, 0x60, 0);
        assertThat(receiveFlags()).isEqualTo(Metadata.IPV4_CHECKSUM_BAD | Metadata.L4_CHECKSUM_BAD);
        arrive(60, DONE | CHECKED | NOT_CHECKED, 0x60, 0);
        assertThat(receiveFlags()).isZero();

        arrive(1514, DONE | TAGGED, 0, 0xA123);
        assertThat(queue.receive(packets)).isEqualTo(1);
        assertThat(Metadata.flags(packets[0])).isEqualTo(Metadata.VLAN_STRIPPED);
        assertThat(Metadata.vlan(packets[0])).isEqualTo(0xA123);
        assertThat(Packet.length(packets[0])).isEqualTo(1514);
        PacketPool.release(packets[0]);
    }

    @Test
    void framesInSeveralBuffersAndDamagedOnesAreToldApart() {
        arrive(2048, 1, 0, 0);
        arrive(100, DONE, 0, 0);
        arrive(2048, 1, 0, 0);
        arrive(70, DONE, 0x80, 0);
        arrive(61, DONE, 0, 0);
        assertThat(queue.receive(packets)).isEqualTo(2);
        assertThat(Metadata.totalLength(packets[0])).isEqualTo(2148);
        assertThat(Packet.length(packets[1])).isEqualTo(61);
        assertThat(queue.statistics().errors()).isEqualTo(1);
        PacketPool.release(packets, 0, 2);
    }

    @Test
    void slotsAreUsedAgain() {
        for (int i = 0; i < 10 * SLOTS; i++) {
            arrive(60 + i, DONE, 0, 0);
            slot &= SLOTS - 1;
            assertThat(queue.receive(packets)).isEqualTo(1);
            assertThat(Packet.length(packets[0])).isEqualTo(60 + i);
            PacketPool.release(packets[0]);
        }
    }
}
