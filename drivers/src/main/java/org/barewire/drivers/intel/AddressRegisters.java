package org.barewire.drivers.intel;

import org.barewire.core.device.DeviceException;
import org.barewire.core.packet.MacAddress;

/// How Intel's cards keep addresses: the receive address registers RAL and RAH, and the multicast hash table.
public final class AddressRegisters {
    private AddressRegisters() {}

    /// The address in a pair of RAL and RAH.
    public static MacAddress address(int low, int high) {
        return new MacAddress(
                (Integer.reverseBytes(low) & 0xFFFF_FFFFL) << 16 | (high & 0xFF) << 8 | high >>> 8 & 0xFF);
    }

    /// RAL for an address.
    public static int low(MacAddress address) {
        return Integer.reverseBytes((int) (address.bits() >>> 16));
    }

    /// RAH for an address, without its other bits.
    public static int high(MacAddress address) {
        return (int) (address.bits() >>> 8 & 0xFF | (address.bits() & 0xFF) << 8);
    }

    /// Refuses what can't be a device's own address.
    ///
    /// @throws DeviceException if the address is zero or a group's
    public static void checkOwn(MacAddress address) {
        if (address.isMulticast() || address.isZero()) {
            throw new DeviceException("%s can't be a device's own address: it is %s"
                    .formatted(address, address.isZero() ? "zero" : "a group address"));
        }
    }

    /// The bit of the multicast table, 0 to 4095, that lets an address pass: its last 12 bits on the wire (MO
    /// = 0; 82599 datasheet, 8.2.3.7.3).
    ///
    /// @throws DeviceException if the address is no group's
    public static int multicastHash(MacAddress address) {
        if (!address.isMulticast()) {
            throw new DeviceException("%s is not a multicast address".formatted(address));
        }
        int last = (int) (address.bits() & 0xFF);
        int before = (int) (address.bits() >>> 8 & 0xFF);
        return before >>> 4 | last << 4;
    }
}
