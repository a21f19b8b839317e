package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private final Mapping mapping = new Mapping();
    private final long a = mapping.address() + 64;

    @AfterEach
    void unmap() {
        mapping.close();
    }

    @Test
    void copiesApartOfEveryLengthAreWholeAndTouchNothingElse() {
        long source = mapping.address() + 512;
        long target = mapping.address() + 2048;
        for (int length = 0; length <= 600; length++) {
            for (int i = 0; i < length; i++) {
                Memory.putByte(source + i, (byte) (i * 31 + length));
            }
            Memory.fill(target - 1, length + 2L, (byte) 0x55);
            Memory.copyApart(source, target, length);
            byte[] expected = new byte[length + 2];
            Memory.copy(source, expected, 1, length);
            expected[0] = 0x55;
            expected[length + 1] = 0x55;
            byte[] copied = new byte[length + 2];
            Memory.copy(target - 1, copied, 0, length + 2);
            assertThat(copied).as("length %d", length).isEqualTo(expected);
        }
    }

    @Test
    void plainAccessorsAreLittleEndian() {
        put(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88);
        assertThat(Memory.getByte(a)).isEqualTo((byte) 0x11);
        assertThat(Memory.getShort(a)).isEqualTo((short) 0x2211);
        assertThat(Memory.getInt(a)).isEqualTo(0x44332211);
        assertThat(Memory.getLong(a)).isEqualTo(0x8877665544332211L);

        Memory.putLong(a, 0x0102030405060708L);
        assertThat(bytes(8)).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
        Memory.putInt(a, 0x11121314);
        assertThat(bytes(8)).containsExactly(0x14, 0x13, 0x12, 0x11, 4, 3, 2, 1);
        Memory.putShort(a, (short) 0x2122);
        assertThat(bytes(8)).containsExactly(0x22, 0x21, 0x12, 0x11, 4, 3, 2, 1);
        Memory.putByte(a, (byte) 0x31);
        assertThat(bytes(8)).containsExactly(0x31, 0x21, 0x12, 0x11, 4, 3, 2, 1);
    }

    @Test
    void networkAccessorsAreBigEndian() {
        put(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88);
        assertThat(Memory.getShortBe(a)).isEqualTo((short) 0x1122);
        assertThat(Memory.getIntBe(a)).isEqualTo(0x11223344);
        assertThat(Memory.getLongBe(a)).isEqualTo(0x1122334455667788L);

        Memory.putLongBe(a, 0x0102030405060708L);
        assertThat(bytes(8)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        Memory.putIntBe(a, 0x11121314);
        assertThat(bytes(8)).containsExactly(0x11, 0x12, 0x13, 0x14, 5, 6, 7, 8);
        Memory.putShortBe(a, (short) 0x2122);
        assertThat(bytes(8)).containsExactly(0x21, 0x22, 0x13, 0x14, 5, 6, 7, 8);
    }

    @Test
    void plainAccessorsTakeAnyAlignment() {
        for (int shift = 1; shift < 8; shift++) {
            Memory.putLong(a + shift, 0x1020304050607080L + shift);
            assertThat(Memory.getLong(a + shift)).isEqualTo(0x1020304050607080L + shift);
            Memory.putIntBe(a + shift, 0x10203040 + shift);
            assertThat(Memory.getIntBe(a + shift)).isEqualTo(0x10203040 + shift);
            Memory.putShort(a + shift, (short) (0x1020 + shift));
            assertThat(Memory.getShort(a + shift)).isEqualTo((short) (0x1020 + shift));
        }
    }

    @Test
    void orderedAccessorsWriteAndReadLikePlainOnes() {
        Memory.putLongRelease(a, 0x8877665544332211L);
        assertThat(Memory.getLong(a)).isEqualTo(0x8877665544332211L);
        assertThat(Memory.getLongAcquire(a)).isEqualTo(0x8877665544332211L);
        Memory.putIntRelease(a + 4, 0x01020304);
        assertThat(Memory.getIntAcquire(a + 4)).isEqualTo(0x01020304);
        Memory.putShortRelease(a + 2, (short) 0x0506);
        assertThat(Memory.getShortAcquire(a + 2)).isEqualTo((short) 0x0506);
        assertThat(Memory.getLong(a)).isEqualTo(0x0102030405062211L);
    }

    @Test
    void orderedAccessorsRefuseMisalignedAddresses() {
        assertThatThrownBy(() -> Memory.getShortAcquire(a + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.getIntAcquire(a + 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.getLongAcquire(a + 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.putShortRelease(a + 1, (short) 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.putIntRelease(a + 2, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.putLongRelease(a + 4, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Memory.compareAndSetLong(a + 4, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compareAndSetWritesOnlyWhatItExpects() {
        Memory.putLong(a, 5);
        assertThat(Memory.compareAndSetLong(a, 4, 6)).isFalse();
        assertThat(Memory.getLong(a)).isEqualTo(5);
        assertThat(Memory.compareAndSetLong(a, 5, 6)).isTrue();
        assertThat(Memory.getLong(a)).isEqualTo(6);
    }

    @Test
    void copiesMayOverlap() {
        put(1, 2, 3, 4, 5, 6, 7, 8);
        Memory.copy(a, a + 2, 6);
        assertThat(bytes(8)).containsExactly(1, 2, 1, 2, 3, 4, 5, 6);
        Memory.copy(a + 2, a, 6);
        assertThat(bytes(8)).containsExactly(1, 2, 3, 4, 5, 6, 5, 6);
    }

    @Test
    void aCopyIntoAnArrayStaysWithinIt() {
        byte[] array = new byte[4];
        assertThatThrownBy(() -> Memory.copy(a, array, 1, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Memory.copy(array, 1, a, 4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void fillWritesExactlyItsRange() {
        put(1, 2, 3, 4, 5, 6, 7, 8);
        Memory.fill(a + 1, 6, (byte) 9);
        assertThat(bytes(8)).containsExactly(1, 9, 9, 9, 9, 9, 9, 8);
    }

    private void put(int... values) {
        for (int i = 0; i < values.length; i++) {
            Memory.putByte(a + i, (byte) values[i]);
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        Memory.copy(a, bytes, 0, count);
        return bytes;
    }
}
