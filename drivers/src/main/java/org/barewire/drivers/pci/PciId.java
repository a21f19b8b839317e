package org.barewire.drivers.pci;

/// What a PCI device says that it is, in its configuration space (PCI Local Bus Specification 3.0, section
/// 6.2.1 and 6.2.4).
///
/// @param vendor          vendor id, as in 0x8086 for Intel
/// @param device          device id, the vendor's number of the model
/// @param subsystemVendor who made the board
/// @param subsystem       that maker's number of the board
/// @param revision        of the chip
/// @param classCode       base class, subclass and interface in 24 bits: 0x020000 for an Ethernet controller
public record PciId(int vendor, int device, int subsystemVendor, int subsystem, int revision, int classCode) {
    /// What a device's configuration space says.
    public static PciId of(PciConfig config) {
        return new PciId(
                config.read16(0x00),
                config.read16(0x02),
                config.read16(0x2C),
                config.read16(0x2E),
                config.read8(0x08),
                config.read32(0x08) >>> 8);
    }

    /// Vendor and device, as in `8086:10fb`.
    @Override
    public String toString() {
        return "%04x:%04x".formatted(vendor, device);
    }
}
