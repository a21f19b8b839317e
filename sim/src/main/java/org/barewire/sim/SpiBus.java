package org.barewire.sim;

/// The EEPROM's own bus, which software drives by the bits of EEC once it has been granted (8.2.3.2.1): a
/// 25-series EEPROM with addresses of 16 bits. It is write-protected: what is written is lost.
/// Guarded by the model's lock.
final class SpiBus {
    static final int CLOCK = 1;
    static final int SELECT = 1 << 1; // low selects, as on the chip
    static final int IN = 1 << 2; // to the EEPROM
    static final int OUT = 1 << 3;

    private static final int READ = 0x03;
    private static final int READ_STATUS = 0x05;
    private static final int OPCODE_BITS = 8;
    private static final int ADDRESS_BITS = 16;
    private static final int BLOCKS_PROTECTED = 0x0C; // all of them; bit 0 would say that it is busy

    private final Eeprom eeprom;
    private int lines = SELECT;
    private int bits; // since it was selected
    private int opcode;
    private int address;
    private boolean out;

    SpiBus(Eeprom eeprom) {
        this.eeprom = eeprom;
    }

    /// The bits {@link #CLOCK}, {@link #SELECT} and {@link #IN} of EEC have been written.
    void drive(int eec) {
        boolean rises = (lines & CLOCK) == 0 && (eec & CLOCK) != 0;
        boolean falls = (lines & CLOCK) != 0 && (eec & CLOCK) == 0;
        lines = eec;
        if ((eec & SELECT) != 0) {
            bits = 0;
            opcode = 0;
            address = 0;
            out = false;
        } else if (rises) {
            take(eec & IN);
        } else if (falls) {
            out = give();
        }
    }

    /// {@link #OUT}, if the EEPROM drives it.
    int out() {
        return out ? OUT : 0;
    }

    private void take(int in) {
        int bit = in == 0 ? 0 : 1;
        if (bits < OPCODE_BITS) {
            opcode = opcode << 1 | bit;
        } else if (bits < OPCODE_BITS + ADDRESS_BITS) {
            address = address << 1 | bit;
        }
        bits++;
    }

    /// The next bit, which the falling clock shifts out: bytes with the highest bit first, the lower byte of
    /// each word first.
    private boolean give() {
        if (opcode == READ_STATUS && bits >= OPCODE_BITS) {
            return (BLOCKS_PROTECTED >>> 7 - (bits - OPCODE_BITS & 7) & 1) != 0;
        }
        int sent = bits - OPCODE_BITS - ADDRESS_BITS;
        if (opcode == READ && sent >= 0) {
            int at = address + (sent >> 3);
            int octet = eeprom.word(at >> 1) >>> 8 * (at & 1);
            return (octet >>> 7 - (sent & 7) & 1) != 0;
        }
        return false;
    }
}
