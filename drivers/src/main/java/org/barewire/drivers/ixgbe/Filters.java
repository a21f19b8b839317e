package org.barewire.drivers.ixgbe;

import java.util.Collection;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.intel.AddressRegisters;

/// Which frames the receiver lets pass (7.1.1.1): exact addresses, the multicast hash table, all of them.
final class Filters {
    private final Registers registers;

    Filters(Registers registers) {
        this.registers = registers;
    }

    /// The first exact address; after a reset the one from the EEPROM.
    MacAddress address() {
        return AddressRegisters.address(registers.read32(Reg.ral(0)), registers.read32(Reg.rah(0)));
    }

    /// Replaces the first exact address, which stays valid (AV).
    void setAddress(MacAddress address) {
        AddressRegisters.checkOwn(address);
        registers.write32(Reg.ral(0), AddressRegisters.low(address));
        registers.write32(Reg.rah(0), AddressRegisters.high(address) | Reg.RAH_AV);
    }

    /// Receives, beside what the table says, all multicast frames, or all frames at all. The receiver is off.
    void setPromiscuous(boolean multicast, boolean all) {
        int bits = (all ? Reg.FCTRL_UPE | Reg.FCTRL_MPE : 0) | (multicast ? Reg.FCTRL_MPE : 0);
        registers.replace(Reg.FCTRL, Reg.FCTRL_UPE | Reg.FCTRL_MPE, bits);
    }

    /// Fills the hash table with the given addresses.
    void setMulticast(Collection<MacAddress> addresses) {
        int[] table = new int[128];
        for (MacAddress address : addresses) {
            int hash = AddressRegisters.multicastHash(address);
            table[hash >>> 5] |= 1 << (hash & 31);
        }
        for (int i = 0; i < table.length; i++) {
            registers.write32(Reg.mta(i), table[i]);
        }
        registers.write32(Reg.MCSTCTRL, addresses.isEmpty() ? 0 : Reg.MCSTCTRL_MFE);
    }
}
