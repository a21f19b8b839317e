package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.barewire.core.linux.Numa;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("checked")
class CheckedMemoryTest {
    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final Region region = memory.add(1);

    record Access(String name, int bytes, LongConsumer at) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Access> accesses() {
        byte[] array = new byte[24];
        return Stream.of(
                new Access("getByte", 1, Memory::getByte),
                new Access("getShort", 2, Memory::getShort),
                new Access("getInt", 4, Memory::getInt),
                new Access("getLong", 8, Memory::getLong),
                new Access("getShortBe", 2, Memory::getShortBe),
                new Access("getIntBe", 4, Memory::getIntBe),
                new Access("getLongBe", 8, Memory::getLongBe),
                new Access("getShortAcquire", 2, Memory::getShortAcquire),
                new Access("getIntAcquire", 4, Memory::getIntAcquire),
                new Access("getLongAcquire", 8, Memory::getLongAcquire),
                new Access("putByte", 1, a -> Memory.putByte(a, (byte) 0)),
                new Access("putShort", 2, a -> Memory.putShort(a, (short) 0)),
                new Access("putInt", 4, a -> Memory.putInt(a, 0)),
                new Access("putLong", 8, a -> Memory.putLong(a, 0)),
                new Access("putShortBe", 2, a -> Memory.putShortBe(a, (short) 0)),
                new Access("putIntBe", 4, a -> Memory.putIntBe(a, 0)),
                new Access("putLongBe", 8, a -> Memory.putLongBe(a, 0)),
                new Access("putShortRelease", 2, a -> Memory.putShortRelease(a, (short) 0)),
                new Access("putIntRelease", 4, a -> Memory.putIntRelease(a, 0)),
                new Access("putLongRelease", 8, a -> Memory.putLongRelease(a, 0)),
                new Access("compareAndSetLong", 8, a -> Memory.compareAndSetLong(a, 1, 1)),
                new Access("copy to itself", 24, a -> Memory.copy(a, a, 24)),
                new Access("copy to an array", 24, a -> Memory.copy(a, array, 0, 24)),
                new Access("copy from an array", 24, a -> Memory.copy(array, 0, a, 24)),
                new Access("fill", 24, a -> Memory.fill(a, 24, (byte) 0)));
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void theseTestsRunWithCheckedMemory() {
        assertThat(Memory.CHECKED).isTrue();
    }

    @ParameterizedTest
    @MethodSource("accesses")
    void anAccessThatJustFitsPasses(Access access) {
        long end = region.address() + region.length();
        assertThatCode(() -> access.at.accept(region.address())).doesNotThrowAnyException();
        assertThatCode(() -> access.at.accept(end - access.bytes)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("accesses")
    void anAccessOneByteOffIsCaught(Access access) {
        long end = region.address() + region.length();
        assertThatThrownBy(() -> access.at.accept(region.address() - 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> access.at.accept(end - access.bytes + 1))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("access to %d bytes at 0x%x", access.bytes, end - access.bytes + 1);
    }

    @Test
    void memoryThatIsGoneIsNotThereAnyMore() {
        memory.remove(region);
        assertThatThrownBy(() -> Memory.getByte(region.address())).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void anAccessAcrossTwoRegionsIsCaughtEvenIfTheyAreNeighbours() {
        Region next = memory.add(1);
        assertThat(next.address()).isEqualTo(region.address() + region.length());
        assertThatThrownBy(() -> Memory.getLong(next.address() - 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void nonsenseIsCaught() {
        for (long address : new long[] {0, 8, -8, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 8}) {
            assertThatThrownBy(() -> Memory.getLong(address)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThatThrownBy(() -> Memory.fill(region.address() + 8, -1, (byte) 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
