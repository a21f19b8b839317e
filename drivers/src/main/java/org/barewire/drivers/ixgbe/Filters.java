package org.barewire.drivers.ixgbe;

import java.util.Collection;
import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;

/// Which frames the receiver lets pass (7.1.1.1): exact addresses, the multicast hash table, all of them.
final class Filters {
    private final Registers registers;

    Filters(Registers registers) {
        this.registers = registers;
    }

    /// The first exact address; after a reset the one from the EEPROM.
    MacAddress address() {
        long low = Integer.reverseBytes(registers.read32(Reg.ral(0))) & 0xFFFF_FFFFL;
        int high = registers.read32(Reg.rah(0));
        return new MacAddress(low << 16 | (high & 0xFF) << 8 | high >>> 8 & 0xFF);
    }

    /// Replaces the first exact address, which stays valid (AV).
    void setAddress(MacAddress address) {
        if (address.isMulticast() || address.isZero()) {
            throw new DeviceException("%s can't be a device's own address: it is %s"
                    .formatted(address, address.isZero() ? "zero" : "a group address"));
        }
        long bits = address.bits();
        registers.write32(Reg.ral(0), Integer.reverseBytes((int) (bits >>> 16)));
        registers.write32(Reg.rah(0), (int) (bits >>> 8 & 0xFF | (bits & 0xFF) << 8) | Reg.RAH_AV);
    }

    /// Receives, beside what the table says, all multicast frames, or all frames at all. The receiver is off.
    void setPromiscuous(boolean multicast, boolean all) {
        int bits = (all ? Reg.FCTRL_UPE | Reg.FCTRL_MPE : 0) | (multicast ? Reg.FCTRL_MPE : 0);
        registers.replace(Reg.FCTRL, Reg.FCTRL_UPE | Reg.FCTRL_MPE, bits);
    }

    /// Fills the hash table with the given addresses. 12 bits of each, the last ones on the wire, choose its
    /// bit (MCSTCTRL.MO = 0, 8.2.3.7.3).
    void setMulticast(Collection<MacAddress> addresses) {
        int[] table = new int[128];
        for (MacAddress address : addresses) {
            if (!address.isMulticast()) {
                throw new DeviceException("%s is not a multicast address".formatted(address));
            }
            int last = (int) (address.bits() & 0xFF);
            int before = (int) (address.bits() >>> 8 & 0xFF);
            int hash = before >>> 4 | last << 4;
            table[hash >>> 5] |= 1 << (hash & 31);
        }
        for (int i = 0; i < table.length; i++) {
            registers.write32(Reg.mta(i), table[i]);
        }
        registers.write32(Reg.MCSTCTRL, addresses.isEmpty() ? 0 : Reg.MCSTCTRL_MFE);
    }
}
