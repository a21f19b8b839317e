package org.barewire.sim;

import org.barewire.drivers.ixgbe.Reg;

/// Reset, EEPROM access and semaphores. Guarded by the model's lock.
///
/// What takes a while on the hardware has not happened yet when it is read for the first time, and has when
/// it is read again or the model has been stepped: a driver must poll, and one that polls needs no simulated
/// time.
final class DeviceControl {
    private static final int EEC_ADDRESSES_OF_16_BITS = 1 << 10;
    private static final int REGISTER_SEMAPHORE = 1 << 31; // SW_FW_SYNC.REGSMP of X540 and X550
    private static final int RESET_BITS = Reg.CTRL_RST | Reg.CTRL_LRST;

    private final Nic82599 nic;
    private final RegisterFile registers;
    private final Eeprom eeprom;
    private final SpiBus eepromBus;
    private final boolean x540;
    private final Complaints complaints;

    private boolean busMaster = true;
    private boolean resetShows;
    private boolean autoReadDone;
    private boolean autoReadSeen;
    private int eerd;
    private boolean eerdDone;
    private int semaphore;

    /// @param x540 is it an X540 or X550?
    DeviceControl(Nic82599 nic, RegisterFile registers, Eeprom eeprom, boolean x540, Complaints complaints) {
        this.nic = nic;
        this.registers = registers;
        this.eeprom = eeprom;
        eepromBus = new SpiBus(eeprom);
        this.x540 = x540;
        this.complaints = complaints;
    }

    int read(int offset) {
        return switch (offset) {
            case Reg.CTRL -> control();
            case Reg.STATUS -> registers.has(Reg.CTRL, Reg.CTRL_MASTER_DISABLE) ? 0 : Reg.STATUS_MASTER_ENABLED;
            case Reg.EEC -> eepromControl();
            case Reg.EERD -> eepromRead();
            case Reg.SWSM -> takeSemaphore();
            case Reg.SW_FW_SYNC -> readSoftwareFirmwareSync();
            default -> registers.get(offset);
        };
    }

    void write(int offset, int value) {
        switch (offset) {
            case Reg.CTRL -> writeControl(value);
            case Reg.STATUS -> {} // read-only
            case Reg.EEC -> writeEepromControl(value);
            case Reg.EERD -> startEepromRead(value);
            case Reg.SWSM -> semaphore = value & (Reg.SWSM_SMBI | Reg.SWSM_SWESMBI);
            case Reg.SW_FW_SYNC -> writeSoftwareFirmwareSync(value);
            case Reg.FDIRCTRL -> registers.put(offset, value | Reg.FDIRCTRL_INIT_DONE);
            case Reg.FDIRCMD -> registers.put(offset, value & ~Reg.FDIRCMD_CMD);
            default -> registers.put(offset, value);
        }
    }

    /// Time has passed: what was under way is done.
    void elapse() {
        resetShows = false;
        autoReadDone = true;
        eerdDone = true;
    }

    /// Called before a write to anything but CTRL.
    void noteWrite(int offset) {
        if (resetShows) {
            complaints.add(Rule.WRITE_DURING_RESET, RegisterTable.name(offset));
        }
    }

    /// Whether the bus lets it access memory by itself (command register, 9.3.3).
    void setBusMaster(boolean on) {
        busMaster = on;
    }

    boolean masterEnabled() {
        return busMaster && !registers.has(Reg.CTRL, Reg.CTRL_MASTER_DISABLE);
    }

    boolean autoReadSeen() {
        return autoReadSeen;
    }

    private int control() {
        int value = registers.get(Reg.CTRL) | (resetShows ? RESET_BITS : 0);
        resetShows = false;
        return value;
    }

    private void writeControl(int value) {
        if ((value & RESET_BITS) != 0) {
            if (nic.interruptsUnmasked()) {
                complaints.add(Rule.RESET_WITH_INTERRUPTS, "CTRL");
            }
            nic.reset((value & Reg.CTRL_LRST) != 0);
            resetShows = true;
            autoReadDone = false;
            autoReadSeen = false;
        } else {
            registers.put(Reg.CTRL, value);
        }
    }

    private int eepromControl() {
        int value = registers.get(Reg.EEC) | Reg.EEC_PRES | EEC_ADDRESSES_OF_16_BITS;
        value |= Eeprom.SIZE_FIELD << Reg.EEC_SIZE_SHIFT | eepromBus.out();
        if ((value & Reg.EEC_REQ) != 0) {
            value |= Reg.EEC_GNT;
        }
        if (autoReadDone) {
            value |= Reg.EEC_ARD;
            autoReadSeen = true;
        }
        autoReadDone = true;
        return value;
    }

    private void writeEepromControl(int value) {
        registers.put(Reg.EEC, value & 0x7F & ~SpiBus.OUT);
        eepromBus.drive((value & Reg.EEC_REQ) != 0 ? value : SpiBus.SELECT);
    }

    private void startEepromRead(int value) {
        if ((value & Reg.EERD_START) != 0) {
            int address = value >>> Reg.EERD_ADDRESS_SHIFT & 0x3FFF;
            eerd = eeprom.word(address) << Reg.EERD_DATA_SHIFT | address << Reg.EERD_ADDRESS_SHIFT | Reg.EERD_DONE;
            eerdDone = false;
        }
    }

    private int eepromRead() {
        int value = eerdDone ? eerd : 0;
        eerdDone = true;
        return value;
    }

    private int takeSemaphore() {
        int value = semaphore;
        semaphore |= Reg.SWSM_SMBI; // set by reading (10.5.4)
        return value;
    }

    /// On an X540 reading the register also takes the semaphore that guards it, which is in place of
    /// SWSM.SWESMBI.
    private int readSoftwareFirmwareSync() {
        int value = registers.get(Reg.SW_FW_SYNC);
        if (x540) {
            registers.put(Reg.SW_FW_SYNC, value | REGISTER_SEMAPHORE);
        }
        return value;
    }

    private void writeSoftwareFirmwareSync(int value) {
        boolean held = (semaphore & Reg.SWSM_SWESMBI) != 0 || x540 && registers.has(Reg.SW_FW_SYNC, REGISTER_SEMAPHORE);
        if (!held) {
            complaints.add(Rule.SYNC_WITHOUT_SEMAPHORE, "SW_FW_SYNC");
        }
        registers.put(Reg.SW_FW_SYNC, value);
    }
}
