package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

/// Reads the EEPROM bit by bit, as drivers do beyond the words that EERD reaches.
class SpiBusTest {
    private static final int READ = 0x03;
    private static final int READ_STATUS = 0x05;
    private static final int BUSY = 1;
    private static final int MAC_ADDRESS = 0x41; // word, behind the pointer at 0x09

    @Test
    void wordsAreThoseThatEerdReads() {
        try (Bench bench = new Bench()) {
            for (int word : new int[] {0, 0x2C, 0x3F, MAC_ADDRESS}) {
                select(bench);
                shiftOut(bench, READ, 8);
                shiftOut(bench, 2 * word, 16);
                int swapped = shiftIn(bench, 16);
                assertThat(swapped >>> 8 | swapped << 8 & 0xFF00).isEqualTo(eerd(bench, word));
            }
        }
    }

    @Test
    void aReadGoesOnFromWordToWord() {
        try (Bench bench = new Bench()) {
            select(bench);
            shiftOut(bench, READ, 8);
            shiftOut(bench, 2 * MAC_ADDRESS, 16);
            long address = (long) shiftIn(bench, 24) << 24 | shiftIn(bench, 24);
            assertThat(address).isEqualTo(Bench.MAC.bits());
        }
    }

    @Test
    void itIsNeverBusy() {
        try (Bench bench = new Bench()) {
            select(bench);
            shiftOut(bench, READ_STATUS, 8);
            assertThat(shiftIn(bench, 8))
                    .isEqualTo(0x0C)
                    .satisfies(status -> assertThat(status & BUSY).isZero());
        }
    }

    @Test
    void withoutAGrantNothingComes() {
        try (Bench bench = new Bench()) {
            shiftOut(bench, READ_STATUS, 8);
            assertThat(shiftIn(bench, 8)).isZero();
        }
    }

    @Test
    void addressesHaveSixteenBits() {
        try (Bench bench = new Bench()) {
            assertThat(bench.registers.read32(Reg.EEC) & 1 << 10).isNotZero();
        }
    }

    private static void select(Bench bench) {
        bench.registers.write32(Reg.EEC, Reg.EEC_REQ);
        bench.await(Reg.EEC, Reg.EEC_GNT, Reg.EEC_GNT);
        bench.registers.write32(Reg.EEC, Reg.EEC_REQ | SpiBus.SELECT); // high ends what was before
        bench.registers.write32(Reg.EEC, Reg.EEC_REQ);
    }

    private static void shiftOut(Bench bench, int value, int bits) {
        int control = bench.registers.read32(Reg.EEC) & Reg.EEC_REQ;
        for (int bit = bits - 1; bit >= 0; bit--) {
            int in = (value >>> bit & 1) != 0 ? SpiBus.IN : 0;
            bench.registers.write32(Reg.EEC, control | in);
            bench.registers.write32(Reg.EEC, control | in | SpiBus.CLOCK);
            bench.registers.write32(Reg.EEC, control | in);
        }
    }

    private static int shiftIn(Bench bench, int bits) {
        int control = bench.registers.read32(Reg.EEC) & Reg.EEC_REQ;
        int value = 0;
        for (int i = 0; i < bits; i++) {
            bench.registers.write32(Reg.EEC, control | SpiBus.CLOCK);
            value = value << 1 | ((bench.registers.read32(Reg.EEC) & SpiBus.OUT) != 0 ? 1 : 0);
            bench.registers.write32(Reg.EEC, control);
        }
        return value;
    }

    private static int eerd(Bench bench, int word) {
        bench.registers.write32(Reg.EERD, word << Reg.EERD_ADDRESS_SHIFT | Reg.EERD_START);
        bench.await(Reg.EERD, Reg.EERD_DONE, Reg.EERD_DONE);
        return bench.registers.read32(Reg.EERD) >>> Reg.EERD_DATA_SHIFT;
    }
}
