package org.barewire.drivers.ixgbe;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;

/// The device's EEPROM, read word by word (8.2.3.2.2) under the semaphores that its firmware and the other
/// port's driver respect as well (10.5.4).
final class Eeprom {
    static final int CHECKSUM_WORD = 0x3F; // 6.2.20
    private static final int CHECKSUM = 0xBABA;
    private static final int FIRST_POINTER = 0x03;
    private static final int PHY_POINTER = 0x04;
    private static final int OPTION_ROM_POINTER = 0x05;
    private static final int LAST_POINTER = 0x0E;
    private static final long TIMEOUT_NANOS = 1_000_000_000;
    private static final long SEMAPHORE_NANOS = 100_000_000;

    private final String device;
    private final boolean x540;
    private final Registers registers;

    Eeprom(String device, IxgbeModel.Chip chip, Registers registers) {
        this.device = device;
        this.x540 = chip == IxgbeModel.Chip.X540;
        this.registers = registers;
    }

    /// Sums the words that the checksum covers: 0 to 0x3E and the sections that 0x03 to 0x0E point to
    /// (6.2.20), but for an X540's PHY module and option ROM.
    ///
    /// @throws DeviceException if the sum is wrong, which makes everything that the device loaded from it
    ///     suspect
    void verify() {
        lock();
        try {
            int sum = 0;
            for (int word = 0; word < CHECKSUM_WORD; word++) {
                sum += read(word);
            }
            for (int pointer = FIRST_POINTER; pointer <= LAST_POINTER; pointer++) {
                boolean counts = !x540 || pointer != PHY_POINTER && pointer != OPTION_ROM_POINTER;
                sum += counts ? sumOfSection(read(pointer)) : 0;
            }
            int stored = read(CHECKSUM_WORD);
            if ((sum + stored & 0xFFFF) != CHECKSUM) {
                throw new DeviceException("%s: its EEPROM is damaged: the checksum is 0x%04x, not 0x%04x"
                        .formatted(device, stored, CHECKSUM - sum & 0xFFFF));
            }
        } finally {
            unlock();
        }
    }

    private int sumOfSection(int pointer) {
        if (pointer == 0 || pointer == 0xFFFF) {
            return 0;
        }
        int length = read(pointer);
        if (length == 0 || length == 0xFFFF) {
            return 0;
        }
        int sum = 0;
        for (int i = 1; i <= length; i++) {
            sum += read(pointer + i);
        }
        return sum;
    }

    private int read(int word) {
        registers.write32(Reg.EERD, word << Reg.EERD_ADDRESS_SHIFT | Reg.EERD_START);
        if (!registers.await(Reg.EERD, Reg.EERD_DONE, Reg.EERD_DONE, TIMEOUT_NANOS)) {
            throw new DeviceException("%s: reading word 0x%02x of the EEPROM timed out".formatted(device, word));
        }
        return registers.read32(Reg.EERD) >>> Reg.EERD_DATA_SHIFT;
    }

    /// 10.5.4: the resource's bit, under the semaphores of the register that it is in. Who has held it for a
    /// second has died with it.
    private void lock() {
        if (!Registers.await(this::lockIfFree, TIMEOUT_NANOS)) {
            lockSemaphores();
            registers.set(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP);
            unlockSemaphores();
        }
    }

    private boolean lockIfFree() {
        int users = Reg.SW_FW_SYNC_EEP
                | Reg.SW_FW_SYNC_EEP << Reg.SW_FW_SYNC_FIRMWARE_SHIFT
                | (x540 ? Reg.SW_FW_SYNC_FLASH : 0); // which the words are copied from and to
        lockSemaphores();
        boolean free = (registers.read32(Reg.SW_FW_SYNC) & users) == 0;
        if (free) {
            registers.set(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP);
        }
        unlockSemaphores();
        return free;
    }

    private void unlock() {
        lockSemaphores();
        registers.clear(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP);
        unlockSemaphores();
    }

    /// Who has held a semaphore for longer than it takes to change a register has died with it.
    private void lockSemaphores() {
        if (takeSemaphores()) {
            return;
        }
        unlockSemaphores();
        if (!takeSemaphores()) {
            unlockSemaphores();
            throw new DeviceException(
                    "%s: the semaphore of its shared registers is held by another driver or by the firmware"
                            .formatted(device));
        }
    }

    /// First the one between drivers, then the one with the firmware.
    private boolean takeSemaphores() {
        boolean drivers = registers.await(Reg.SWSM, Reg.SWSM_SMBI, 0, SEMAPHORE_NANOS); // reading it as 0 takes it
        if (x540) {
            return registers.await(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_REGSMP, 0, SEMAPHORE_NANOS) && drivers; // so here
        }
        registers.set(Reg.SWSM, Reg.SWSM_SWESMBI);
        return registers.await(Reg.SWSM, Reg.SWSM_SWESMBI, Reg.SWSM_SWESMBI, SEMAPHORE_NANOS) && drivers;
    }

    private void unlockSemaphores() {
        if (x540) {
            registers.clear(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_REGSMP);
        }
        registers.clear(Reg.SWSM, Reg.SWSM_SMBI | Reg.SWSM_SWESMBI);
    }
}
