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

/// Extended descriptors (8254x manual, 3.3.6 and 3.3.7), and tags that the driver inserts where the device
/// doesn't.
class ExtendedTxTest {
    private static final int SLOTS = 64;

    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final long registers = memory.allocateRing(4096);
    private final long ring = memory.allocateRing(SLOTS * Descriptor.BYTES);
    private final PacketPool pool = PacketPool.create(memory, SLOTS);
    private IntelTxQueue queue = queue(true);

    private IntelTxQueue queue(boolean insertsTags) {
        return new ExtendedTxQueue(new MappedRegisters(registers, 4096), 0x18, ring, SLOTS, insertsTags, 1522);
    }

    @AfterEach
    void allPacketsComeHome() {
        queue.releasePackets();
        assertThat(pool.available()).isEqualTo(SLOTS);
        queue.freeRing(memory);
        pool.close();
        memory.close();
    }

    private long packet(int length, int flags, int link, int network, int transport) {
        long packet = Metadata.begin(Packet.resize(pool.allocate(), length));
        for (int i = 0; i < length; i++) {
            Packet.setByte(packet, i, i);
        }
        Metadata.setHeaderLengths(packet, link, network, transport);
        Metadata.setSegmentSize(packet, 500);
        Metadata.setVlan(packet, 0x2ABC);
        Metadata.setFlags(packet, flags);
        return packet;
    }

    private long word(int slot, int index) {
        return Memory.getLong(ring + 16L * slot + 8L * index);
    }

    @Test
    void aPacketWithoutRequestsIsOneDescriptor() {
        long packet = Packet.resize(pool.allocate(), 60);
        assertThat(queue.send(new long[] {packet}, 0, 1)).isEqualTo(1);
        assertThat(word(0, 0)).isEqualTo(Packet.ioAddress(packet));
        assertThat(word(0, 1)).isEqualTo(0x2B10_003CL); // EOP, IFCS, RS, DEXT, type 1
        assertThat(Memory.getInt(registers + 0x18)).isEqualTo(1);
    }

    @Test
    void aTcpPacketToBeCutHasItsContext() {
        int flags = Metadata.SEND_TCP_SEGMENTATION | Metadata.SEND_TCP_CHECKSUM | Metadata.SEND_IPV4_CHECKSUM;
        long packet = packet(1400, flags, 14, 20, 32);
        assertThat(queue.send(new long[] {packet}, 0, 1)).isEqualTo(1);
        assertThat(word(0, 0)).isEqualTo(14 | 24L << 8 | 33L << 16 | 34L << 32 | 50L << 40);
        long payload = 1400 - 66;
        assertThat(word(0, 1)).isEqualTo(payload | 0x27L << 24 | 66L << 40 | 500L << 48); // TCP, IP, TSE, DEXT
        assertThat(word(1, 1)).isEqualTo(1400 | 1L << 20 | 0x2FL << 24 | 3L << 40); // EOP, IFCS, TSE, RS, DEXT
        assertThat(Packet.getShort(packet, 24)).isZero(); // what the device adds to
    }

    @Test
    void aUdpChecksumOverIpv6HasItsContextOnce() {
        int flags = Metadata.SEND_UDP_CHECKSUM | Metadata.SEND_IPV6;
        long[] two = {packet(100, flags, 14, 40, 8), packet(200, flags, 14, 40, 8)};
        assertThat(queue.send(two, 0, 2)).isEqualTo(2);
        assertThat(word(0, 0)).isEqualTo(14 | 24L << 8 | 53L << 16 | 54L << 32 | 60L << 40);
        assertThat(word(0, 1)).isEqualTo(0x20L << 24);
        assertThat(word(1, 1) >>> 40).isEqualTo(2); // TXSM
        assertThat(word(2, 1) & 0xFFFF).isEqualTo(200);
        assertThat(Packet.getShort(two[0], 24)).isEqualTo(0x1819); // of an IPv6 address
    }

    @Test
    void theDeviceInsertsATagWhereItIsSetUpTo() {
        long packet = packet(100, Metadata.SEND_VLAN, 0, 0, 0);
        queue.send(new long[] {packet}, 0, 1);
        assertThat(word(0, 1)).isEqualTo(100 | 1L << 20 | 0x6BL << 24 | 0x2ABCL << 48);
    }

    @Test
    void theDriverInsertsATagWhereTheDeviceIsNot() {
        queue.freeRing(memory);
        queue = queue(false);
        long packet = packet(100, Metadata.SEND_VLAN | Metadata.SEND_UDP_CHECKSUM, 14, 20, 8);
        assertThat(queue.send(new long[] {packet}, 0, 1)).isEqualTo(1);
        assertThat(word(0, 0) & 0xFF).isEqualTo(18); // the link header's length
        long tagged = word(1, 0);
        assertThat(tagged).isEqualTo(Packet.ioAddress(packet) - 4);
        assertThat(word(1, 1)).isEqualTo(104 | 1L << 20 | 0x2BL << 24 | 2L << 40);
        long address = Packet.address(packet) - 4;
        assertThat(Memory.getIntBe(address)).isEqualTo(0x0001_0203);
        assertThat(Memory.getIntBe(address + 12)).isEqualTo(0x8100_2ABC);
        assertThat(Memory.getIntBe(address + 16)).isEqualTo(0x0C0D_0E0F);
    }

    @Test
    void aTagThatMakesAFrameTooLongOrFindsNoRoomIsAnError() {
        queue.freeRing(memory);
        queue = queue(false);
        long longest = packet(1519, Metadata.SEND_VLAN, 0, 0, 0);
        long full = packet(100, Metadata.SEND_VLAN, 0, 0, 0);
        long pushed = Packet.push(full, Packet.headroom(full));
        assertThat(queue.send(new long[] {longest, pushed}, 0, 2)).isEqualTo(2);
        assertThat(queue.statistics().errors()).isEqualTo(2);
        assertThat(Memory.getInt(registers + 0x18)).isZero();
    }

    @Test
    void headersInSeveralSegmentsAreAnError() {
        long packet = packet(30, Metadata.SEND_IPV4_CHECKSUM, 14, 20, 0);
        Metadata.setNext(packet, Packet.resize(pool.allocate(), 70));
        queue.send(new long[] {packet}, 0, 1);
        assertThat(queue.statistics().errors()).isEqualTo(1);
    }
}
