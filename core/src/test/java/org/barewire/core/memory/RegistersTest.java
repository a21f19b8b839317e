package org.barewire.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RegistersTest {
    private final Mapping mapping = new Mapping();
    private final Registers registers = new MappedRegisters(mapping.address(), 0x100);

    @AfterEach
    void unmap() {
        mapping.close();
    }

    @Test
    void aRegisterIsLittleEndianMemory() {
        registers.write32(0x10, 0x11223344);
        assertThat(registers.read32(0x10)).isEqualTo(0x11223344);
        assertThat(Memory.getByte(mapping.address() + 0x10)).isEqualTo((byte) 0x44);
        assertThat(Memory.getByte(mapping.address() + 0x13)).isEqualTo((byte) 0x11);
    }

    @Test
    void theFirstAndTheLastRegisterAreThere() {
        registers.write32(0, 1);
        registers.write32(0xFC, 2);
        assertThat(registers.read32(0)).isEqualTo(1);
        assertThat(registers.read32(0xFC)).isEqualTo(2);
    }

    @Test
    void anOffsetOutsideOrBetweenRegistersIsRefused() {
        for (int offset : new int[] {-4, 0x100, 0xFE, 1, 2, 3, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> registers.read32(offset))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("register 0x%x is not one of the device's 0x100 bytes of registers", offset);
            assertThatThrownBy(() -> registers.write32(offset, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void setClearAndReplaceTouchOnlyTheirBits() {
        registers.write32(0, 0xF0F0);
        registers.set(0, 0x0F);
        assertThat(registers.read32(0)).isEqualTo(0xF0FF);
        registers.clear(0, 0xF000);
        assertThat(registers.read32(0)).isEqualTo(0x00FF);
        registers.replace(0, 0x00F0, 0xAAAA);
        assertThat(registers.read32(0)).isEqualTo(0x00AF);
    }

    @Test
    void awaitSeesOnlyTheBitsOfItsMask() {
        registers.write32(0, 0xFF06);
        assertThat(registers.await(0, 0x0F, 0x06, 0)).isTrue();
        assertThat(registers.await(0, 0x0F, 0x07, 0)).isFalse();
    }

    @Test
    void awaitTestsTwiceEvenWhenThereIsNoTime() {
        AtomicInteger tests = new AtomicInteger();
        assertThat(Registers.await(() -> tests.incrementAndGet() == 2, -1)).isTrue();
    }

    @Test
    void awaitGivesUp() {
        AtomicInteger tests = new AtomicInteger();
        assertThat(Registers.await(() -> tests.incrementAndGet() < 0, 1000)).isFalse();
        assertThat(tests).hasValueGreaterThan(1);
    }

    @Test
    void awaitStopsAsSoonAsItHolds() {
        AtomicInteger tests = new AtomicInteger();
        assertThat(Registers.await(() -> tests.incrementAndGet() == 1000, Long.MAX_VALUE))
                .isTrue();
        assertThat(tests).hasValue(1000);
    }
}
