package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

/// Reads the module in the cage as drivers do: by the two wires in I2CCTL.
class SfpModuleTest {
    private static final int PAGE = 0xA0;

    @Test
    void theModuleSaysThatItIsShortRangeOpticsThatTheDriversTake() {
        try (Bench bench = new Bench()) {
            assertThat(read(bench, PAGE, 0, 1)).containsExactly(0x03);
            assertThat(read(bench, PAGE, 3, 1)).containsExactly(0x10);
            assertThat(read(bench, PAGE, 6, 1)).containsExactly(0);
            assertThat(read(bench, PAGE, 8, 1)).containsExactly(0);
            assertThat(read(bench, PAGE, 37, 3)).containsExactly(0x00, 0x1B, 0x21);
        }
    }

    @Test
    void itsTextIsPaddedAndItsSumsHold() {
        try (Bench bench = new Bench()) {
            byte[] page = read(bench, PAGE, 0, 96);
            assertThat(new String(page, 20, 16, StandardCharsets.US_ASCII)).isEqualTo("Barewire        ");
            assertThat(page[63]).isEqualTo(sum(page, 0, 63));
            assertThat(page[95]).isEqualTo(sum(page, 64, 95));
        }
    }

    @Test
    void aReadGoesOnWhereTheLastOneEnded() {
        try (Bench bench = new Bench()) {
            byte[] vendor = read(bench, PAGE, 20, 4);
            start(bench);
            assertThat(send(bench, PAGE | 1)).isTrue();
            assertThat(receive(bench, true)).isEqualTo((byte) 'w');
            assertThat(vendor).isEqualTo("Bare".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void nobodyAnswersToOtherAddressesOrInAnEmptyCageOrWithoutOne() {
        try (Bench bench = new Bench()) {
            start(bench);
            assertThat(send(bench, 0xA2)).isFalse();
            stop(bench);
            bench.nic.insertModule(false);
            start(bench);
            assertThat(send(bench, PAGE)).isFalse();
            stop(bench);
            bench.nic.insertModule(true);
            start(bench);
            assertThat(send(bench, PAGE)).isTrue();
        }
        try (Bench bench = new Bench(0x1517)) {
            bench.nic.insertModule(true);
            start(bench);
            assertThat(send(bench, PAGE)).isFalse();
        }
    }

    @Test
    void theModuleIsNotWritten() {
        try (Bench bench = new Bench()) {
            start(bench);
            assertThat(send(bench, PAGE)).isTrue();
            assertThat(send(bench, 20)).isTrue();
            assertThat(send(bench, 'X')).isFalse();
            stop(bench);
            assertThat(read(bench, PAGE, 20, 1)).containsExactly('B');
        }
    }

    @Test
    void theLinesShowWhatIsDriven() {
        try (Bench bench = new Bench()) {
            lines(bench, false, true);
            assertThat(bench.registers.read32(Reg.I2CCTL) & Reg.I2CCTL_CLK_IN).isZero();
            assertThat(bench.registers.read32(Reg.I2CCTL) & Reg.I2CCTL_DATA_IN).isNotZero();
            lines(bench, true, true);
            assertThat(bench.registers.read32(Reg.I2CCTL) & Reg.I2CCTL_CLK_IN).isNotZero();
            lines(bench, false, false);
            assertThat(bench.registers.read32(Reg.I2CCTL) & Reg.I2CCTL_DATA_IN).isZero();
        }
    }

    private static byte[] read(Bench bench, int address, int offset, int length) {
        start(bench);
        assertThat(send(bench, address)).isTrue();
        assertThat(send(bench, offset)).isTrue();
        start(bench);
        assertThat(send(bench, address | 1)).isTrue();
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = receive(bench, i == length - 1);
        }
        stop(bench);
        return bytes;
    }

    private static void start(Bench bench) {
        lines(bench, false, true);
        lines(bench, true, true);
        lines(bench, true, false);
        lines(bench, false, false);
    }

    private static void stop(Bench bench) {
        lines(bench, false, false);
        lines(bench, true, false);
        lines(bench, true, true);
    }

    /// True if the byte was acknowledged.
    private static boolean send(Bench bench, int value) {
        for (int bit = 7; bit >= 0; bit--) {
            boolean one = (value >>> bit & 1) != 0;
            lines(bench, false, one);
            lines(bench, true, one);
            lines(bench, false, one);
        }
        return !clockIn(bench, true);
    }

    private static byte receive(Bench bench, boolean last) {
        int value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 1 | (clockIn(bench, true) ? 1 : 0);
        }
        clockIn(bench, last); // low acknowledges
        return (byte) value;
    }

    private static boolean clockIn(Bench bench, boolean data) {
        lines(bench, false, data);
        lines(bench, true, data);
        boolean high = (bench.registers.read32(Reg.I2CCTL) & Reg.I2CCTL_DATA_IN) != 0;
        lines(bench, false, data);
        return high;
    }

    private static void lines(Bench bench, boolean clock, boolean data) {
        bench.registers.write32(Reg.I2CCTL, (clock ? Reg.I2CCTL_CLK_OUT : 0) | (data ? Reg.I2CCTL_DATA_OUT : 0));
    }

    private static byte sum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += bytes[i];
        }
        return (byte) sum;
    }
}
