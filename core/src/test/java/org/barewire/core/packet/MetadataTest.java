package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetadataTest {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final PacketPool pool = PacketPool.create(memory, 4);
    private final long plain = pool.allocateCopy(new byte[] {1, 2, 3, 4});

    /// A field: sets all of its bits, and reads it.
    private record Field(String name, long all, LongConsumer fill, LongUnaryOperator get) {}

    private static final List<Field> FIELDS = List.of(
            new Field("flags", -1, p -> Metadata.setFlags(p, -1), Metadata::flags),
            new Field("vlan", 0xFFFF, p -> Metadata.setVlan(p, 0xFFFF), Metadata::vlan),
            new Field("segmentSize", 0xFFFF, p -> Metadata.setSegmentSize(p, 0xFFFF), Metadata::segmentSize),
            new Field("linkLength", 0xFFFF, p -> Metadata.setHeaderLengths(p, 0xFFFF, 0, 0), Metadata::linkLength),
            new Field(
                    "networkLength", 0xFFFF, p -> Metadata.setHeaderLengths(p, 0, 0xFFFF, 0), Metadata::networkLength),
            new Field(
                    "transportLength",
                    0xFFFF,
                    p -> Metadata.setHeaderLengths(p, 0, 0, 0xFFFF),
                    Metadata::transportLength),
            new Field("rssHash", -1, p -> Metadata.setRssHash(p, -1), Metadata::rssHash),
            new Field("totalLength", -1, p -> Metadata.setTotalLength(p, -1), Metadata::totalLength),
            new Field("next", -1, p -> Metadata.setNext(p, -1), Metadata::next),
            new Field("timestampNanos", -1, p -> Metadata.setTimestampNanos(p, -1), Metadata::timestampNanos));

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void itBeginsEmpty() {
        Memory.fill(pool.slot(Packet.address(plain)), Metadata.BYTES, (byte) -1);
        long packet = Metadata.begin(plain);
        assertThat(Packet.hasMetadata(packet)).isTrue();
        for (Field field : FIELDS) {
            assertThat(field.get.applyAsLong(packet))
                    .as(field.name)
                    .isEqualTo(field.name.equals("totalLength") ? 4 : 0);
        }
        assertThat(Metadata.end(packet)).isEqualTo(plain);
    }

    @Test
    void noFieldTouchesAnother() {
        for (Field field : FIELDS) {
            long packet = Metadata.begin(plain);
            Metadata.setTotalLength(packet, 0);
            field.fill.accept(packet);
            for (Field other : FIELDS) {
                assertThat(other.get.applyAsLong(packet))
                        .as("%s after %s was set", other.name, field.name)
                        .isEqualTo(other == field ? field.all : 0);
            }
        }
    }

    @Test
    void theTotalLengthCountsWhatIsPushedPulledAndTrimmed() {
        long packet = Metadata.begin(plain); // 4 bytes
        Metadata.setTotalLength(packet, 104);
        assertThat(Packet.totalLength(packet)).isEqualTo(104);
        assertThat(Packet.totalLength(Packet.pull(packet, 3))).isEqualTo(101);
        assertThat(Packet.totalLength(Packet.push(packet, 8))).isEqualTo(112);
        assertThat(Packet.totalLength(Packet.resize(packet, 1))).isEqualTo(101);
        assertThat(Packet.totalLength(Metadata.end(packet))).isEqualTo(4);
    }

    @Test
    void aCopyHasNoFurtherSegmentAndNoneOfItsBytes() {
        long packet = Metadata.begin(plain);
        Metadata.setTotalLength(packet, 104);
        long copy = Metadata.copy(packet, pool.allocateCopy(new byte[9]));
        assertThat(Packet.next(copy)).isZero();
        assertThat(Packet.totalLength(copy)).isEqualTo(9);
    }

    @Test
    void itTouchesNeitherThePoolsOwnFieldNorTheHeadroomNorTheData() {
        long slot = pool.slot(Packet.address(plain));
        Memory.fill(slot, Packet.DATA_OFFSET, (byte) 0x55);
        long packet = Metadata.begin(plain);
        FIELDS.forEach(field -> field.fill.accept(packet));
        for (int offset = Metadata.POOL_LINK; offset < Packet.DATA_OFFSET; offset++) {
            assertThat(Memory.getByte(slot + offset)).as("byte %d", offset).isEqualTo((byte) 0x55);
        }
        assertThat(Packet.bytes(packet)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void aFlagIsThereOnlyWhileMetadataIsInUse() {
        long packet = Metadata.begin(plain);
        Metadata.setFlags(packet, Metadata.RSS_HASH | Metadata.VLAN_STRIPPED);
        assertThat(Metadata.has(packet, Metadata.RSS_HASH)).isTrue();
        assertThat(Metadata.has(packet, Metadata.TIMESTAMP)).isFalse();
        assertThat(Metadata.has(Metadata.end(packet), Metadata.RSS_HASH)).isFalse();
    }

    @Test
    void everyFlagIsABitOfItsOwn() {
        List<Integer> flags = List.of(
                Metadata.IPV4_CHECKSUM_GOOD,
                Metadata.IPV4_CHECKSUM_BAD,
                Metadata.L4_CHECKSUM_GOOD,
                Metadata.L4_CHECKSUM_BAD,
                Metadata.VLAN_STRIPPED,
                Metadata.RSS_HASH,
                Metadata.TIMESTAMP,
                Metadata.SEND_IPV4_CHECKSUM,
                Metadata.SEND_TCP_CHECKSUM,
                Metadata.SEND_UDP_CHECKSUM,
                Metadata.SEND_TCP_SEGMENTATION,
                Metadata.SEND_VLAN,
                Metadata.SEND_IPV6);
        assertThat(flags).doesNotHaveDuplicates().allMatch(flag -> Integer.bitCount(flag) == 1);
    }

    @Test
    void itIsTheSlotsWhereverThePacketBegins() {
        long packet = Metadata.begin(plain);
        Metadata.setRssHash(packet, 42);
        assertThat(Metadata.rssHash(Packet.pull(packet, 4))).isEqualTo(42);
        assertThat(Metadata.rssHash(Packet.push(packet, Packet.HEADROOM))).isEqualTo(42);
    }
}
