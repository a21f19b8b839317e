package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DmaSpaceTest {
    private final DmaSpace space = new DmaSpace();

    @Test
    void onlyWhatIsMappedIsTranslated() {
        space.map(0x10000, 0x1000, 0x7000_0000, true);
        assertThat(space.readable(0x10800, 0x800)).isEqualTo(0x7000_0800);
        assertThat(space.readable(0x10800, 0x801)).isZero();
        assertThat(space.readable(0xFFFF, 1)).isZero();
        assertThat(space.readable(-1, 1)).isZero();
        assertThat(space.readable(Long.MIN_VALUE, 1)).isZero();
    }

    @Test
    void whatIsReadOnlyIsNotWritten() {
        space.map(0x10000, 0x1000, 0x7000_0000, true);
        space.map(0x11000, 0x1000, 0x7000_1000, false);
        assertThat(space.readable(0x10FF0, 0x20)).isEqualTo(0x7000_0FF0);
        assertThat(space.writable(0x10FF0, 0x20)).isZero();
        assertThat(space.writable(0x10FF0, 0x10)).isEqualTo(0x7000_0FF0);
    }

    @Test
    void neighboursAreOneOnlyIfTheyAreSoHereToo() {
        space.map(0x12000, 0x1000, 0x7000_2000, true);
        space.map(0x10000, 0x1000, 0x7000_0000, true);
        space.map(0x11000, 0x1000, 0x7000_1000, true);
        space.map(0x13000, 0x1000, 0x6000_0000, true);
        assertThat(space.writable(0x10001, 0x2FFF)).isEqualTo(0x7000_0001);
        assertThat(space.writable(0x12FFF, 2)).isZero();
        assertThat(space.writable(0x13000, 2)).isEqualTo(0x6000_0000);
    }

    @Test
    void aRangeThatIsUnmappedTakesWhatBeginsInIt() {
        for (int i = 0; i < 100; i++) {
            space.map(0x1000L * i, 0x1000, 0x7000_0000L + 0x1000L * i, true);
        }
        space.unmap(0x1000 * 10, 0x1000 * 80);
        assertThat(space.readable(0x9FFF, 1)).isNotZero();
        assertThat(space.readable(0xA000, 1)).isZero();
        assertThat(space.readable(0x1000 * 89, 1)).isZero();
        assertThat(space.readable(0x1000 * 90, 1)).isEqualTo(0x7000_0000L + 0x1000L * 90);
        space.unmap(0, -4096);
        assertThat(space.readable(0, 1)).isZero();
    }
}
