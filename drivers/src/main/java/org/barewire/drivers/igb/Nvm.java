package org.barewire.drivers.igb;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;

/// The EEPROM or flash that the device loads itself from, read word by word (82576 datasheet, 8.4.2; 8254x
/// manual, 13.4.4).
final class Nvm {
    private static final int CHECKSUM_WORD = 0x3F;
    private static final int CHECKSUM = 0xBABA;
    private static final long TIMEOUT_NANOS = 1_000_000_000;

    private final String device;
    private final IgbModel.Chip chip;
    private final Registers registers;
    private final Semaphores semaphores;
    private final int[] words = new int[CHECKSUM_WORD + 1];

    Nvm(String device, IgbModel.Chip chip, Registers registers, Semaphores semaphores) {
        this.device = device;
        this.chip = chip;
        this.registers = registers;
        this.semaphores = semaphores;
    }

    /// Sums the words that the checksum covers (82576 datasheet, 6.2.16). An i210 or i211 may have none, but
    /// fuses.
    ///
    /// @throws DeviceException if the sum is wrong, which makes everything that the device loaded from it
    ///     suspect
    void verify() {
        boolean fuses = (chip == IgbModel.Chip.I210 || chip == IgbModel.Chip.I211)
                && (registers.read32(Reg.EEC) & Reg.EEC_FLASH_DETECTED) == 0;
        if (fuses) {
            return;
        }
        semaphores.with(Reg.SW_FW_SYNC_EEP, this::readAll);
        int sum = 0;
        for (int word : words) {
            sum += word;
        }
        if ((sum & 0xFFFF) != CHECKSUM) {
            int stored = words[CHECKSUM_WORD];
            throw new DeviceException("%s: its EEPROM is damaged: the checksum is 0x%04x, not 0x%04x"
                    .formatted(device, stored, CHECKSUM - sum + stored & 0xFFFF));
        }
    }

    /// The address in the words that have been verified (8254x manual, 5.6.1).
    MacAddress address() {
        long bits = 0;
        for (int i = 0; i < 3; i++) {
            bits = bits << 16 | (words[i] & 0xFF) << 8 | words[i] >>> 8;
        }
        return new MacAddress(bits);
    }

    private void readAll() {
        for (int i = 0; i < words.length; i++) {
            words[i] = read(i);
        }
    }

    private int read(int word) {
        boolean old = chip == IgbModel.Chip.I8254X;
        int shift = old ? Reg.EERD_ADDRESS_SHIFT_8254X : Reg.EERD_ADDRESS_SHIFT;
        int done = old ? Reg.EERD_DONE_8254X : Reg.EERD_DONE;
        registers.write32(Reg.EERD, word << shift | Reg.EERD_START);
        if (!registers.await(Reg.EERD, done, done, TIMEOUT_NANOS)) {
            throw new DeviceException("%s: reading word 0x%02x of the EEPROM timed out".formatted(device, word));
        }
        return registers.read32(Reg.EERD) >>> Reg.EERD_DATA_SHIFT;
    }
}
