package org.barewire.sim;

import org.barewire.core.packet.MacAddress;

/// The words of the EEPROM (chapter 6): a checksum that holds, an Ethernet address, no firmware but its version.
///
/// Those that the Linux and DPDK drivers look at beyond the checksum are the device capabilities (0x2C), the
/// version (0x2D, 0x2E), the list of SFP+ initialisation sequences (0x2B), and in the firmware's module (0x0F) that
/// it does not establish links itself and is newer than 5, without which an SFP+ card is taken for a prototype.
final class Eeprom {
    static final int WORDS = 128;
    /// EEC.SIZE: 2 to the power of this plus six words (8.2.3.2.1).
    static final int SIZE_FIELD = 1;

    private static final int CORE_POINTER = 0x09;
    private static final int FIRST_POINTER = 0x03;
    private static final int LAST_POINTER = 0x0E;
    private static final int FIRMWARE_POINTER = 0x0F;
    private static final int PHY_INIT_POINTER = 0x2B;
    private static final int CAPABILITIES = 0x2C;
    private static final int VERSION_LOW = 0x2D;
    private static final int VERSION_HIGH = 0x2E;
    private static final int CHECKSUM = 0x3F;
    private static final int CHECKSUM_TOTAL = 0xBABA;
    private static final int CORE = 0x40;
    private static final int PHY_INIT = 0x48;
    private static final int PHY_INIT_DATA = 0x60;
    private static final int FIRMWARE = 0x68;
    private static final int FIRMWARE_PATCH = 0x70;
    private static final int FIRMWARE_VERSION = 6;
    private static final int NONE = 0xFFFF;
    private static final int SFP_TYPES = 8;

    private final int[] words = new int[WORDS];

    Eeprom(MacAddress mac) {
        for (int pointer = FIRST_POINTER; pointer <= LAST_POINTER; pointer++) {
            words[pointer] = NONE;
        }
        words[0x27] = NONE; // no address for storage
        words[0x28] = NONE;
        words[CAPABILITIES] = 1; // any SFP+ module
        words[VERSION_LOW] = 1;
        words[VERSION_HIGH] = 0x8000;
        words[CORE_POINTER] = CORE;
        words[CORE] = 3;
        for (int i = 0; i < 3; i++) {
            int pair = (int) (mac.bits() >>> 32 - 16 * i) & 0xFFFF;
            words[CORE + 1 + i] = (pair >>> 8) | (pair << 8 & 0xFF00);
        }
        words[PHY_INIT_POINTER] = PHY_INIT;
        for (int type = 0; type < SFP_TYPES; type++) {
            words[PHY_INIT + 1 + 2 * type] = type;
            words[PHY_INIT + 2 + 2 * type] = PHY_INIT_DATA;
        }
        words[PHY_INIT + 1 + 2 * SFP_TYPES] = NONE;
        words[PHY_INIT_DATA + 1] = NONE; // an empty sequence
        words[FIRMWARE_POINTER] = FIRMWARE;
        words[FIRMWARE + 2] = NONE; // no parameters of links that the firmware establishes
        words[FIRMWARE + 4] = FIRMWARE_PATCH; // configuration of its pass-through mode
        words[FIRMWARE_PATCH + 7] = FIRMWARE_VERSION;
        words[CHECKSUM] = CHECKSUM_TOTAL - sum() & 0xFFFF;
    }

    int word(int index) {
        return index < WORDS ? words[index] : NONE;
    }

    /// The Ethernet address as it is loaded into RAR 0 after a reset: first byte lowest.
    long address() {
        return words[CORE + 1] | (long) words[CORE + 2] << 16 | (long) words[CORE + 3] << 32;
    }

    /// Words 0 to 0x3E and what the pointers lead to; a block begins with its length.
    private int sum() {
        int sum = 0;
        for (int i = 0; i < CHECKSUM; i++) {
            sum += words[i];
        }
        for (int pointer = FIRST_POINTER; pointer <= LAST_POINTER; pointer++) {
            int block = words[pointer];
            if (block != NONE && block != 0) {
                for (int i = 1; i <= words[block]; i++) {
                    sum += words[block + i];
                }
            }
        }
        return sum;
    }
}
