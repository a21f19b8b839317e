package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.drivers.ixgbe.Reg;
import org.junit.jupiter.api.Test;

class ResetTest {
    @Test
    void aResetClearsItsOwnBitOnceItHasBeenPolled() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.CTRL, Reg.CTRL_RST);
            assertThat(bench.registers.read32(Reg.CTRL) & Reg.CTRL_RST).isNotZero();
            assertThat(bench.registers.read32(Reg.CTRL) & Reg.CTRL_RST).isZero();
        }
    }

    @Test
    void aResetGivesRegistersTheirDefaultsAndStopsQueues() {
        try (Bench bench = Bench.up()) {
            bench.registers.write32(Reg.MAXFRS, 9000 << 16);
            bench.reset();
            assertThat(bench.registers.read32(Reg.MAXFRS)).isEqualTo(1518 << 16);
            assertThat(bench.registers.read32(Reg.rxdctl(0)) & Reg.RXDCTL_ENABLE)
                    .isZero();
            assertThat(bench.registers.read32(Reg.txdctl(0)) & Reg.TXDCTL_ENABLE)
                    .isZero();
            assertThat(bench.registers.read32(Reg.rdbal(0))).isZero();
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aResetDeviceCanBeBroughtUpAgain() {
        try (Bench bench = Bench.up()) {
            bench.receive(Frames.broadcast(60));
            bench.reset();
            bench.configure();
            bench.startReceiver();
            bench.startRxQueue(0);
            bench.startTxQueue(0);
            bench.rxTail = 0;
            bench.txTail = 0;
            bench.fillRxRing(Bench.RING - 1);
            bench.step();
            byte[] frame = Frames.broadcast(64);
            bench.receive(frame);
            assertThat(bench.received(0)).isEqualTo(frame);
            bench.send(frame);
            assertThat(bench.probe.frames).containsExactly(frame);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void theAddressComesFromTheEeprom() {
        try (Bench bench = new Bench()) {
            bench.registers.write32(Reg.ral(0), 0);
            bench.reset();
            assertThat(bench.registers.read32(Reg.ral(0))).isEqualTo(0x0000_0002);
            assertThat(bench.registers.read32(Reg.rah(0))).isEqualTo(Reg.RAH_AV | 0x0100);
            assertThat(bench.registers.read32(0x5400)).isEqualTo(0x0000_0002); // the alias
        }
    }

    @Test
    void theEepromsChecksumHolds() {
        try (Bench bench = new Bench()) {
            int sum = 0;
            for (int word = 0; word <= 0x3F; word++) {
                sum += eeprom(bench, word);
            }
            for (int pointer = 0x03; pointer <= 0x0E; pointer++) {
                int block = eeprom(bench, pointer);
                if (block != 0 && block != 0xFFFF) {
                    for (int i = 1; i <= eeprom(bench, block); i++) {
                        sum += eeprom(bench, block + i);
                    }
                }
            }
            assertThat(sum & 0xFFFF).isEqualTo(0xBABA);
        }
    }

    @Test
    void theSemaphoreBitIsSetByReadingIt() {
        try (Bench bench = new Bench()) {
            assertThat(bench.registers.read32(Reg.SWSM) & Reg.SWSM_SMBI).isZero();
            assertThat(bench.registers.read32(Reg.SWSM) & Reg.SWSM_SMBI).isNotZero();
            bench.registers.write32(Reg.SWSM, Reg.SWSM_SWESMBI | Reg.SWSM_SMBI);
            assertThat(bench.registers.read32(Reg.SWSM) & Reg.SWSM_SWESMBI).isNotZero();
            bench.registers.write32(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP);
            assertThat(bench.registers.read32(Reg.SW_FW_SYNC)).isEqualTo(Reg.SW_FW_SYNC_EEP);
            bench.registers.write32(Reg.SWSM, 0);
            assertThat(bench.registers.read32(Reg.SWSM) & Reg.SWSM_SMBI).isZero();
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void onAnX540ReadingTheSynchronizationRegisterTakesItsSemaphore() {
        try (Bench bench = new Bench(0x1528)) {
            assertThat(bench.registers.read32(Reg.SW_FW_SYNC)).isZero();
            assertThat(bench.registers.read32(Reg.SW_FW_SYNC)).isEqualTo(1 << 31);
            bench.registers.write32(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP); // gives it back
            assertThat(bench.registers.read32(Reg.SW_FW_SYNC)).isEqualTo(Reg.SW_FW_SYNC_EEP);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aDisabledMasterSaysSoAndMovesNothing() {
        try (Bench bench = Bench.up()) {
            bench.registers.set(Reg.CTRL, Reg.CTRL_MASTER_DISABLE);
            assertThat(bench.registers.read32(Reg.STATUS) & Reg.STATUS_MASTER_ENABLED)
                    .isZero();
            bench.send(Frames.broadcast(60));
            assertThat(bench.probe.frames).isEmpty();
            bench.registers.clear(Reg.CTRL, Reg.CTRL_MASTER_DISABLE);
            bench.step();
            assertThat(bench.probe.frames).hasSize(1);
        }
    }

    private static int eeprom(Bench bench, int word) {
        bench.registers.write32(Reg.EERD, word << Reg.EERD_ADDRESS_SHIFT | Reg.EERD_START);
        bench.await(Reg.EERD, Reg.EERD_DONE, Reg.EERD_DONE);
        return bench.registers.read32(Reg.EERD) >>> Reg.EERD_DATA_SHIFT;
    }
}
