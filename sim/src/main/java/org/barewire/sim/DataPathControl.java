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
                    complaints.add(Rule.FILTER_WHILE_RECEIVING, "FCTRL");
                }
                registers.put(offset, value);
            }
            case Reg.DMATXCTL -> writeTransmitControl(value);
            case Reg.DTXMXSZRQ -> {
                if ((value & ~0xFFF) != 0) {
                    complaints.add(Rule.REQUESTS_RESERVED, "DTXMXSZRQ", value);
                }
                registers.put(offset, value & 0xFFF);
            }
            case Reg.MTQC -> {
                if (!registers.has(Reg.RTTDCS, Reg.RTTDCS_ARBDIS)) {
                    complaints.add(Rule.ARBITER_ON, "MTQC");
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
                complaints.add(Rule.SECURITY_PATH_OPEN, "RXCTRL");
            }
        }
        registers.put(Reg.RXCTRL, value);
    }

    private void checkInitialization() {
        if (!device.autoReadSeen()) {
            complaints.add(Rule.EEPROM_NOT_AWAITED, "RXCTRL");
        }
        if (!dmaReadySeen) {
            complaints.add(Rule.DMA_NOT_AWAITED, "RXCTRL");
        }
        if (!interrupts.maskedSinceReset()) {
            complaints.add(Rule.INTERRUPTS_NOT_MASKED, "RXCTRL");
        }
    }

    private void checkReceiveConfiguration() {
        int rdrxctl = registers.get(Reg.RDRXCTL);
        if ((rdrxctl & Reg.RDRXCTL_RSCFRSTSIZE) != 0) {
            complaints.add(Rule.RSC_FIRST_SIZE, "RDRXCTL", rdrxctl >>> 17 & 0x1F);
        }
        if ((rdrxctl & Reg.RDRXCTL_RSCACKC) == 0) {
            complaints.add(Rule.RSC_ACKNOWLEDGE, "RDRXCTL");
        }
        if ((rdrxctl & Reg.RDRXCTL_FCOE_WRFIX) == 0) {
            complaints.add(Rule.FCOE_WRITE_FIX, "RDRXCTL");
        }
        if (((rdrxctl & Reg.RDRXCTL_CRCSTRIP) != 0) != registers.has(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP)) {
            complaints.add(Rule.CRC_STRIP, "RDRXCTL");
        }
        if (!registers.has(Reg.CTRL_EXT, Reg.CTRL_EXT_NS_DIS)) {
            complaints.add(Rule.NO_SNOOP, "CTRL_EXT");
        }
        int size = kibibytes(Reg.rxpbsize(0));
        if (size > RECEIVE_BUFFER_KIB) {
            complaints.add(Rule.RECEIVE_BUFFERS, "RXPBSIZE", size, RECEIVE_BUFFER_KIB);
        }
    }

    private void writeTransmitControl(int value) {
        if ((value & Reg.DMATXCTL_TE) != 0 && !transmitting()) {
            int size = kibibytes(Reg.txpbsize(0));
            if (size > TRANSMIT_BUFFER_KIB) {
                complaints.add(Rule.TRANSMIT_BUFFERS, "TXPBSIZE", size, TRANSMIT_BUFFER_KIB);
            }
        }
        registers.put(Reg.DMATXCTL, value);
    }

    /// Of all packet buffers of one direction, whose sizes are in registers side by side.
    private int kibibytes(int firstSize) {
        int size = 0;
        for (int i = 0; i < PACKET_BUFFERS; i++) {
            size += registers.get(firstSize + 4 * i) >>> 10 & 0x3FF;
        }
        return size;
    }
}
