package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PacketTest {
    private static final PacketMemory MEMORY =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private static final PacketPool POOL = PacketPool.create(MEMORY, 1024);

    private final long packet = POOL.allocateCopy(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});

    @BeforeEach
    void thereIsAPacket() {
        assertThat(packet).isPositive();
    }

    @AfterAll
    static void close() {
        POOL.close();
    }

    @Test
    void addressAndLengthAreInTheLong() {
        long other = Packet.of(0x5123_4567_89ABL, 0xFEDC);
        assertThat(other).isEqualTo(0x5123_4567_89AB_FEDCL);
        assertThat(Packet.address(other)).isEqualTo(0x5123_4567_89ABL);
        assertThat(Packet.length(other)).isEqualTo(0xFEDC);
        assertThat(Packet.ioAddress(other)).isEqualTo(0x0123_4567_89ABL);
        assertThat(Packet.hasMetadata(other)).isFalse();
        assertThat(Packet.address(other | Long.MIN_VALUE)).isEqualTo(0x5123_4567_89ABL);
        assertThat(Packet.ioAddress(other | Long.MIN_VALUE)).isEqualTo(0x0123_4567_89ABL);
        assertThat(Packet.hasMetadata(other | Long.MIN_VALUE)).isTrue();
    }

    @Test
    void pullingTakesBytesFromTheFront() {
        long rest = Packet.pull(packet, 4);
        assertThat(Packet.bytes(rest)).containsExactly(5, 6, 7, 8, 9, 10);
        assertThat(Packet.bytes(Packet.pull(rest, 6))).isEmpty();
        assertThatThrownBy(() -> Packet.pull(rest, 7)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Packet.pull(rest, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void pushingPutsBytesInFront() {
        long longer = Packet.push(Packet.pull(packet, 4), 2);
        assertThat(Packet.bytes(longer)).containsExactly(3, 4, 5, 6, 7, 8, 9, 10);
        long full = Packet.push(packet, Packet.headroom(packet));
        assertThat(Packet.length(full)).isEqualTo(10 + Packet.headroom(packet));
        assertThatThrownBy(() -> Packet.push(full, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Packet.push(packet, Packet.headroom(packet) + 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Packet.push(packet, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void resizingStaysWithinTheSlot() {
        int room = PacketPool.DEFAULT_SLOT_SIZE - Metadata.BYTES - Packet.headroom(packet);
        assertThat(Packet.capacity(packet)).isEqualTo(room);
        assertThat(Packet.length(Packet.resize(packet, room))).isEqualTo(room);
        assertThat(Packet.bytes(Packet.resize(packet, 3))).containsExactly(1, 2, 3);
        assertThat(Packet.length(Packet.resize(packet, 0))).isZero();
        assertThat(Packet.capacity(Packet.pull(packet, 10))).isEqualTo(room - 10);
        assertThatThrownBy(() -> Packet.resize(packet, room + 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Packet.resize(packet, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void movingTheEdgesKeepsTheMetadata() {
        long marked = Metadata.begin(packet);
        Metadata.setVlan(marked, 42);
        for (long moved : new long[] {Packet.pull(marked, 4), Packet.push(marked, 4), Packet.resize(marked, 4)}) {
            assertThat(Packet.hasMetadata(moved)).isTrue();
            assertThat(Metadata.vlan(moved)).isEqualTo(42);
        }
    }

    @Test
    void accessorsAreInNetworkOrder() {
        assertThat(Packet.getByte(packet, 0)).isEqualTo(1);
        assertThat(Packet.getShort(packet, 1)).isEqualTo(0x0203);
        assertThat(Packet.getInt(packet, 1)).isEqualTo(0x02030405);
        assertThat(Packet.getLong(packet, 1)).isEqualTo(0x0203040506070809L);
        Packet.setLong(packet, 0, 0x1112131415161718L);
        Packet.setInt(packet, 1, 0x21222324);
        Packet.setShort(packet, 2, 0x3132);
        Packet.setByte(packet, 9, 0x41);
        assertThat(Packet.bytes(packet)).containsExactly(0x11, 0x21, 0x31, 0x32, 0x24, 0x16, 0x17, 0x18, 9, 0x41);
    }

    @Test
    void bytesAndShortsAreUnsigned() {
        Packet.setInt(packet, 0, -1);
        assertThat(Packet.getByte(packet, 0)).isEqualTo(0xFF);
        assertThat(Packet.getShort(packet, 0)).isEqualTo(0xFFFF);
    }

    @Test
    void blocksAreReadWrittenAndCopied() {
        byte[] block = new byte[6];
        Packet.read(packet, 2, block, 1, 4);
        assertThat(block).containsExactly(0, 3, 4, 5, 6, 0);
        Packet.write(packet, 6, new byte[] {20, 21, 22, 23}, 1, 3);
        assertThat(Packet.bytes(packet)).containsExactly(1, 2, 3, 4, 5, 6, 21, 22, 23, 10);
        Packet.copy(packet, 0, packet, 1, 9);
        assertThat(Packet.bytes(packet)).containsExactly(1, 1, 2, 3, 4, 5, 6, 21, 22, 23);
        long other = POOL.allocateCopy(new byte[4]);
        Packet.copy(packet, 7, other, 1, 3);
        assertThat(Packet.bytes(other)).containsExactly(0, 21, 22, 23);
    }

    record Access(String name, int bytes, long packet, IntConsumer at) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Access> accesses() {
        long packet = POOL.allocateCopy(new byte[16]);
        long large = POOL.allocateCopy(new byte[64]);
        byte[] array = new byte[64];
        return Stream.of(
                new Access("getByte", 1, packet, at -> Packet.getByte(packet, at)),
                new Access("getShort", 2, packet, at -> Packet.getShort(packet, at)),
                new Access("getInt", 4, packet, at -> Packet.getInt(packet, at)),
                new Access("getLong", 8, packet, at -> Packet.getLong(packet, at)),
                new Access("setByte", 1, packet, at -> Packet.setByte(packet, at, -1)),
                new Access("setShort", 2, packet, at -> Packet.setShort(packet, at, -1)),
                new Access("setInt", 4, packet, at -> Packet.setInt(packet, at, -1)),
                new Access("setLong", 8, packet, at -> Packet.setLong(packet, at, -1)),
                new Access("read", 5, packet, at -> Packet.read(packet, at, array, 0, 5)),
                new Access("write", 5, packet, at -> Packet.write(packet, at, array, 0, 5)),
                new Access("copy from", 5, packet, at -> Packet.copy(packet, at, large, 0, 5)),
                new Access("copy to", 5, packet, at -> Packet.copy(large, 0, packet, at, 5)));
    }

    @ParameterizedTest
    @MethodSource("accesses")
    void anAccessThatDoesNotFitTouchesNothing(Access access) {
        int last = 16 - access.bytes;
        assertThatCode(() -> access.at.accept(0)).doesNotThrowAnyException();
        assertThatCode(() -> access.at.accept(last)).doesNotThrowAnyException();
        byte[] before = Packet.bytes(Packet.resize(access.packet, 64));
        for (int offset : new int[] {-1, last + 1, 16, 17, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> access.at.accept(offset)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThat(Packet.bytes(Packet.resize(access.packet, 64))).isEqualTo(before);
    }

    @Test
    void blocksOfNegativeLengthAreRefused() {
        assertThatThrownBy(() -> Packet.read(packet, 0, new byte[4], 0, -1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Packet.copy(packet, 0, packet, 0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
