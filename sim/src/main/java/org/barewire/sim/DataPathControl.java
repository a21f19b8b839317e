package org.barewire.sim;

import org.barewire.drivers.ixgbe.Reg;

/// The registers that start and stop the data path, and the rules for the order of starting it (4.6.7,
/// 4.6.8). Guarded by the model's lock.
final class DataPathControl {
    private static final int RECEIVE_BUFFER_KIB = 512;
    private static final int TRANSMIT_BUFFER_KIB = 160;
    private static final int PACKET_BUFFERS = 8;

    private final RegisterFile registers;
    private final DeviceControl device;
    private final Interrupts interrupts;
    private final Complaints complaints;

    private boolean dmaReady;
    private boolean dmaReadySeen;
    private boolean pathEmpty;
    private boolean pathEmptySeen;

    DataPathControl(RegisterFile registers, DeviceControl device, Interrupts interrupts, Complaints complaints) {
        this.registers = registers;
        this.device = device;
        this.interrupts = interrupts;
        this.complaints = complaints;
    }

    void reset() {
        dmaReady = false;
        dmaReadySeen = false;
        pathEmpty = false;
        pathEmptySeen = false;
    }

    void elapse() {
        dmaReady = true;
        pathEmpty = true;
    }

    boolean receiving() {
        return registers.has(Reg.RXCTRL, Reg.RXCTRL_RXEN) && !registers.has(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
    }

    boolean transmitting() {
        return registers.has(Reg.DMATXCTL, Reg.DMATXCTL_TE);
    }

    int read(int offset) {
        int value = registers.get(offset);
        if (offset == Reg.RDRXCTL) {
            value &= ~Reg.RDRXCTL_DMAIDONE;
            if (dmaReady) {
                value |= Reg.RDRXCTL_DMAIDONE;
                dmaReadySeen = true;
            }
            dmaReady = true;
        } else if (offset == Reg.SECRXSTAT) {
            boolean halted = registers.has(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS);
            value = halted && pathEmpty ? Reg.SECRXSTAT_SECRX_RDY : 0;
            pathEmptySeen |= value != 0;
            pathEmpty = true;
        }
        return value;
    }

    void write(int offset, int value) {
        switch (offset) {
            case Reg.RXCTRL -> writeReceiveControl(value);
            case Reg.SECRXCTRL -> {
                pathEmpty = false;
                pathEmptySeen = false;
                registers.put(offset, value);
            }
            case Reg.SECRXSTAT -> {} // read-only
            case Reg.FCTRL -> {
                if (registers.has(Reg.RXCTRL, Reg.RXCTRL_RXEN) && value != registers.get(offset)) {
                    complaints.add("8.2.3.7.1", "FCTRL was changed while RXCTRL.RXEN was set");
                }
                registers.put(offset, value);
            }
            case Reg.DMATXCTL -> writeTransmitControl(value);
            case Reg.DTXMXSZRQ -> {
                if ((value & ~0xFFF) != 0) {
                    complaints.add("8.2.3.9.1", "DTXMXSZRQ: bits 12 and up are reserved, but 0x%x was written", value);
                }
                registers.put(offset, value & 0xFFF);
            }
            case Reg.MTQC -> {
                if (!registers.has(Reg.RTTDCS, Reg.RTTDCS_ARBDIS)) {
                    complaints.add("8.2.3.9.15", "MTQC was written while RTTDCS.ARBDIS was clear");
                }
                registers.put(offset, value);
            }
            default -> registers.put(offset, value);
        }
    }

    private void writeReceiveControl(int value) {
        if ((value & Reg.RXCTRL_RXEN) != 0 && !registers.has(Reg.RXCTRL, Reg.RXCTRL_RXEN)) {
            checkInitialization();
            checkReceiveConfiguration();
            if (!registers.has(Reg.SECRXCTRL, Reg.SECRXCTRL_RX_DIS) || !pathEmptySeen) {
                complaints.add(
                        "4.6.7",
                        "RXCTRL.RXEN was set without SECRXCTRL.RX_DIS set and SECRXSTAT.SECRX_RDY awaited before");
            }
        }
        registers.put(Reg.RXCTRL, value);
    }

    private void checkInitialization() {
        if (!device.autoReadSeen()) {
            complaints.add("4.6.3", "RXCTRL.RXEN was set before EEC.ARD was seen set after the reset");
        }
        if (!dmaReadySeen) {
            complaints.add("4.6.3", "RXCTRL.RXEN was set before RDRXCTL.DMAIDONE was seen set after the reset");
        }
        if (!interrupts.maskedSinceReset()) {
            complaints.add("4.6.3.1", "RXCTRL.RXEN was set, but EIMC was not written after the reset");
        }
    }

    private void checkReceiveConfiguration() {
        int rdrxctl = registers.get(Reg.RDRXCTL);
        if ((rdrxctl & Reg.RDRXCTL_RSCFRSTSIZE) != 0) {
            complaints.add("8.2.3.8.8", "RDRXCTL.RSCFRSTSIZE is 0x%x, and must be 0", rdrxctl >>> 17 & 0x1F);
        }
        if ((rdrxctl & Reg.RDRXCTL_RSCACKC) == 0) {
            complaints.add("8.2.3.8.8", "RDRXCTL.RSCACKC is clear, and must be set");
        }
        if ((rdrxctl & Reg.RDRXCTL_FCOE_WRFIX) == 0) {
            complaints.add("8.2.3.8.8", "RDRXCTL.FCOE_WRFIX is clear, and must be set");
        }
        if (((rdrxctl & Reg.RDRXCTL_CRCSTRIP) != 0) != registers.has(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP)) {
            complaints.add("8.2.3.8.8", "RDRXCTL.CRCSTRIP and HLREG0.RXCRCSTRP differ");
        }
        if (!registers.has(Reg.CTRL_EXT, Reg.CTRL_EXT_NS_DIS)) {
            complaints.add("4.6.7", "CTRL_EXT.NS_DIS is clear, and must be set before RXCTRL.RXEN is");
        }
        int size = 0;
        for (int i = 0; i < PACKET_BUFFERS; i++) {
            size += registers.get(Reg.rxpbsize(i)) >>> 10 & 0x3FF;
        }
        if (size > RECEIVE_BUFFER_KIB) {
            complaints.add("8.2.3.8.9", "RXPBSIZE: %d KiB in all, but there are %d", size, RECEIVE_BUFFER_KIB);
        }
    }

    private void writeTransmitControl(int value) {
        if ((value & Reg.DMATXCTL_TE) != 0 && !transmitting()) {
            int size = 0;
            for (int i = 0; i < PACKET_BUFFERS; i++) {
                size += registers.get(Reg.txpbsize(i)) >>> 10 & 0x3FF;
            }
            if (size > TRANSMIT_BUFFER_KIB) {
                complaints.add("8.2.3.9.13", "TXPBSIZE: %d KiB in all, but there are %d", size, TRANSMIT_BUFFER_KIB);
            }
        }
        registers.put(Reg.DMATXCTL, value);
    }
}
