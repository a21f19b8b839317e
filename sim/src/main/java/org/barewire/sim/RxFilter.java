package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// Which frames are for this device (7.1.1). Guarded by the model's lock.
final class RxFilter {
    enum Verdict {
        REJECTED,
        EXACT,
        INEXACT
    }

    private static final long ADDRESS = 0xFFFF_FFFF_FFFFL;
    private static final int RAH_BITS = 0x8000_FFFF; // the others read as 0 (8.2.3.7.9)

    private final RegisterFile registers;
    private final long[] unicast = new long[Reg.RAR_ENTRIES]; // addresses as they lie in memory
    private int unicastCount;
    private boolean stale = true;

    RxFilter(RegisterFile registers) {
        this.registers = registers;
    }

    void write(int offset, int value) {
        registers.put(offset, isAddressHigh(offset) ? value & RAH_BITS : value);
        stale = true;
    }

    private static boolean isAddressHigh(int offset) {
        return offset >= Reg.rah(0) && offset <= Reg.rah(Reg.RAR_ENTRIES - 1) && (offset & 4) != 0;
    }

    Verdict match(long frame) {
        long address = Memory.getLong(frame) & ADDRESS;
        if (isExact(address)) {
            return Verdict.EXACT;
        }
        int control = registers.get(Reg.FCTRL);
        if (address == ADDRESS) {
            return (control & Reg.FCTRL_BAM) != 0 ? Verdict.EXACT : Verdict.REJECTED;
        }
        if ((address & 1) == 0) {
            return (control & Reg.FCTRL_UPE) != 0 ? Verdict.INEXACT : Verdict.REJECTED;
        }
        return (control & Reg.FCTRL_MPE) != 0 || isInMulticastTable(address) ? Verdict.INEXACT : Verdict.REJECTED;
    }

    /// Whether a tag passes the VLAN filter (7.1.1.2).
    boolean passesVlan(int tag) {
        int control = registers.get(Reg.VLNCTRL);
        if ((control & Reg.VLNCTRL_VFE) == 0) {
            return true;
        }
        if ((control & Reg.VLNCTRL_CFIEN) != 0 && (tag >>> 12 & 1) != (control >>> 28 & 1)) {
            return false;
        }
        int vlan = tag & 0xFFF;
        return (registers.get(Reg.vfta(vlan >> 5)) >>> (vlan & 31) & 1) != 0;
    }

    private boolean isExact(long address) {
        if (stale) {
            readAddresses();
        }
        for (int i = 0; i < unicastCount; i++) {
            if (unicast[i] == address) {
                return true;
            }
        }
        return false;
    }

    /// Twelve bits of the last two bytes, which ones depends on MCSTCTRL.MO, choose a bit of MTA (8.2.3.7.7).
    private boolean isInMulticastTable(long address) {
        int control = registers.get(Reg.MCSTCTRL);
        if ((control & Reg.MCSTCTRL_MFE) == 0) {
            return false;
        }
        int offset = control & Reg.MCSTCTRL_MO;
        int vector = (int) (address >>> 32 + (offset == 3 ? 0 : 4 - offset)) & 0xFFF;
        return (registers.get(Reg.mta(vector >> 5)) >>> (vector & 31) & 1) != 0;
    }

    private void readAddresses() {
        unicastCount = 0;
        for (int i = 0; i < Reg.RAR_ENTRIES; i++) {
            int high = registers.get(Reg.rah(i));
            if ((high & Reg.RAH_AV) != 0) {
                unicast[unicastCount++] = registers.get(Reg.ral(i)) & 0xFFFF_FFFFL | (long) (high & 0xFFFF) << 32;
            }
        }
        stale = false;
    }
}
