package org.barewire.drivers.ixgbe;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;

/// The device's EEPROM, read word by word (8.2.3.2.2) under the semaphores that its firmware and the other
/// port's driver respect as well (10.5.4).
final class Eeprom {
    static final int CHECKSUM_WORD = 0x3F; // 6.2.20
    private static final int CHECKSUM = 0xBABA;
    private static final int FIRST_POINTER = 0x03;
    private static final int LAST_POINTER = 0x0E;
    private static final long TIMEOUT_NANOS = 1_000_000_000;

    private final String device;
    private final Registers registers;

    Eeprom(String device, Registers registers) {
        this.device = device;
        this.registers = registers;
    }

    /// Sums the words that the checksum covers: 0 to 0x3E and the sections that 0x03 to 0x0E point to
    /// (6.2.20).
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
                sum += sumOfSection(read(pointer));
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

    /// 10.5.4: first the semaphore between drivers, then the one with the firmware, then the resource's bit.
    private void lock() {
        boolean taken = Registers.await(
                () -> {
                    lockSemaphore();
                    boolean free = (registers.read32(Reg.SW_FW_SYNC)
                                    & (Reg.SW_FW_SYNC_EEP | Reg.SW_FW_SYNC_EEP << Reg.SW_FW_SYNC_FIRMWARE_SHIFT))
                            == 0;
                    if (free) {
                        registers.set(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP);
                    }
                    unlockSemaphore();
                    return free;
                },
                TIMEOUT_NANOS);
        if (!taken) {
            throw new DeviceException(
                    "%s: its EEPROM is in use by the firmware or by another driver".formatted(device));
        }
    }

    private void unlock() {
        lockSemaphore();
        registers.clear(Reg.SW_FW_SYNC, Reg.SW_FW_SYNC_EEP);
        unlockSemaphore();
    }

    private void lockSemaphore() {
        boolean drivers = registers.await(Reg.SWSM, Reg.SWSM_SMBI, 0, TIMEOUT_NANOS); // reading it as 0 takes it
        registers.set(Reg.SWSM, Reg.SWSM_SWESMBI);
        boolean firmware = registers.await(Reg.SWSM, Reg.SWSM_SWESMBI, Reg.SWSM_SWESMBI, TIMEOUT_NANOS);
        if (!drivers || !firmware) {
            unlockSemaphore();
            throw new DeviceException(
                    "%s: the semaphore of its shared registers is held by another driver or by the firmware"
                            .formatted(device));
        }
    }

    private void unlockSemaphore() {
        registers.clear(Reg.SWSM, Reg.SWSM_SMBI | Reg.SWSM_SWESMBI);
    }
}
