package org.barewire.drivers.igb;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;

/// What keeps the driver, the firmware and the other port's driver apart at EEPROM and PHY (82576 datasheet,
/// 4.6.12; 82574 datasheet, 10.2.2.15). An 8254x has nothing of the kind.
record Semaphores(String device, IgbModel.Chip chip, Registers registers) {
    private static final long PATIENCE = 1_000_000_000;
    private static final long SHORT_PATIENCE = 100_000_000;

    /// Runs `work` while the resource is this driver's.
    ///
    /// @param resource its bit in SW_FW_SYNC
    void with(int resource, Runnable work) {
        switch (chip) {
            case I8254X, VIRTUAL -> work.run();
            case I82574 -> withOwnership(work);
            case I82576, I350, I210, I211 -> withResource(resource, work);
        }
    }

    /// The bit can be set only while the firmware does not own the PHY. Who has held it for a second has
    /// died.
    private void withOwnership(Runnable work) {
        Registers.await(
                () -> {
                    registers.set(Reg.EXTCNF_CTRL, Reg.EXTCNF_CTRL_SW_OWNS);
                    return (registers.read32(Reg.EXTCNF_CTRL) & Reg.EXTCNF_CTRL_SW_OWNS) != 0;
                },
                PATIENCE);
        try {
            work.run();
        } finally {
            registers.clear(Reg.EXTCNF_CTRL, Reg.EXTCNF_CTRL_SW_OWNS);
        }
    }

    /// Who has held the resource for a second has died with it.
    private void withResource(int resource, Runnable work) {
        if (!Registers.await(() -> takeIfFree(resource), PATIENCE)) {
            lock();
            registers.set(Reg.SW_FW_SYNC, resource);
            unlock();
        }
        try {
            work.run();
        } finally {
            lock();
            registers.clear(Reg.SW_FW_SYNC, resource);
            unlock();
        }
    }

    private boolean takeIfFree(int resource) {
        lock();
        int users = resource | resource << Reg.SW_FW_SYNC_FIRMWARE_SHIFT;
        boolean free = (registers.read32(Reg.SW_FW_SYNC) & users) == 0;
        if (free) {
            registers.set(Reg.SW_FW_SYNC, resource);
        }
        unlock();
        return free;
    }

    /// First the one between drivers, which is taken by reading it as 0, then the one with the firmware. Who
    /// has held one for longer than it takes to change a register has died with it.
    private void lock() {
        if (takeBoth()) {
            return;
        }
        unlock();
        if (!takeBoth()) {
            unlock();
            throw new DeviceException(
                    "%s: the semaphore of its shared registers is held by another driver or by the firmware"
                            .formatted(device));
        }
    }

    private boolean takeBoth() {
        boolean drivers = registers.await(Reg.SWSM, Reg.SWSM_SMBI, 0, SHORT_PATIENCE);
        registers.set(Reg.SWSM, Reg.SWSM_SWESMBI);
        return registers.await(Reg.SWSM, Reg.SWSM_SWESMBI, Reg.SWSM_SWESMBI, SHORT_PATIENCE) && drivers;
    }

    private void unlock() {
        registers.clear(Reg.SWSM, Reg.SWSM_SMBI | Reg.SWSM_SWESMBI);
    }
}
