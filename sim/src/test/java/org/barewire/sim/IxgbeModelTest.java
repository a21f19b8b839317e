package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.barewire.core.memory.Registers;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.IxgbeModel;
import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the driver does differently for models other than the 82599.
class IxgbeModelTest {
    private static final int REGSMP = 1 << 31;

    private final IxgbeBench bench = new IxgbeBench();

    @AfterEach
    void noRuleIsBroken() {
        bench.close();
    }

    /// An X540: SW_FW_SYNC has a semaphore of its own, set by reading, in place of SWSM.SWESMBI; its EEPROM
    /// has sections that the checksum leaves out.
    private static final class X540 extends Registers {
        private static final int CORE_SECTION = 0x40;
        private static final Map<Integer, Integer> WORDS =
                Map.of(0x04, CORE_SECTION, 0x05, CORE_SECTION, 0x10, 2 * (0xFFFF - CORE_SECTION) & 0xFFFF);

        private final Registers registers;
        private int sync;
        private int word;

        X540(Registers registers) {
            this.registers = registers;
        }

        @Override
        public int read32(int offset) {
            int value = registers.read32(offset);
            return switch (offset) {
                case Reg.SWSM -> value & ~Reg.SWSM_SWESMBI;
                case Reg.SW_FW_SYNC -> {
                    int before = sync;
                    sync |= REGSMP;
                    yield before;
                }
                case Reg.EERD -> {
                    Integer other = WORDS.get(word);
                    yield other == null ? value : value & 0xFFFF | other << Reg.EERD_DATA_SHIFT;
                }
                default -> value;
            };
        }

        @Override
        public void write32(int offset, int value) {
            switch (offset) {
                case Reg.SW_FW_SYNC -> {
                    assertThat(sync & REGSMP).as("the semaphore, held").isNotZero();
                    sync = value;
                }
                case Reg.EERD -> {
                    assertThat(sync).as("the EEPROM, taken").isEqualTo(Reg.SW_FW_SYNC_EEP);
                    word = value >>> Reg.EERD_ADDRESS_SHIFT;
                    registers.write32(offset, value);
                }
                default -> registers.write32(offset, value);
            }
        }
    }

    @Test
    void anX540OpensByItsOwnSemaphoreAndChecksum() {
        X540[] x540 = new X540[1];
        try (Ixgbe card = bench.open(IxgbeModel.X540T, model -> x540[0] = new X540(model), bench.config())) {
            assertThat(card.description()).isEqualTo("ixgbe X540-AT2");
            assertThat(x540[0].sync).isZero();
            assertThat(bench.writes(Reg.rxpbsize(0))).containsExactly(384 << 10);
        }
    }

    @Test
    void anX550sEepromIsItsFirmwaresBusiness() {
        try (Ixgbe card = bench.open(IxgbeModel.X550T, model -> model, bench.config())) {
            assertThat(card.description()).isEqualTo("ixgbe X550-AT2");
            assertThat(bench.accesses)
                    .noneMatch(a -> a.offset() == Reg.EERD || a.offset() == Reg.SWSM || a.offset() == Reg.SW_FW_SYNC);
            assertThat(bench.writes(Reg.rxpbsize(0))).containsExactly(384 << 10);
        }
    }

    @Test
    void an82599HasALargerReceiveBuffer() {
        bench.open(bench.config()).close();
        assertThat(bench.writes(Reg.rxpbsize(0))).containsExactly(512 << 10);
    }
}
