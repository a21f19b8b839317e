package org.barewire.sim;

import org.barewire.core.memory.Registers;
import org.barewire.drivers.ixgbe.Reg;

/// What a driver sees of the model: one call, one access. The tail registers take no lock.
final class RegisterAccess extends Registers {
    private final Nic82599 nic;

    RegisterAccess(Nic82599 nic) {
        this.nic = nic;
    }

    @Override
    public int read32(int offset) {
        return nic.read(offset);
    }

    @Override
    public void write32(int offset, int value) {
        switch (RegisterTable.kind(offset)) {
            case RX_TAIL -> nic.rxRing(rxQueue(offset)).ringDoorbell(value);
            case TX_TAIL -> nic.txRing(txQueue(offset)).ringDoorbell(value);
            default -> nic.write(offset, value);
        }
    }

    static int rxQueue(int offset) {
        return offset < Reg.rdbal(64) ? (offset - Reg.rdbal(0)) >> 6 : 64 + ((offset - Reg.rdbal(64)) >> 6);
    }

    static int txQueue(int offset) {
        return (offset - Reg.tdbal(0)) >> 6;
    }
}
