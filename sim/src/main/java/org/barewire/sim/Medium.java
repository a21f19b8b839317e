package org.barewire.sim;

/// What a card's link runs over.
enum Medium {
    /// A module in an SFP+ cage: 10 Gbit/s serial (SFI), told of over the module's I2C bus.
    SFP,
    /// A backplane, or CX4: negotiated between the two MACs (KX4, KX, KR).
    BACKPLANE,
    /// 10GBASE-T: a PHY behind MDIO.
    COPPER;

    /// By PCI device id; those that are not known are SFP+ cards.
    static Medium of(int deviceId) {
        return switch (deviceId) {
            case 0x10F7, 0x10F8, 0x10F9, 0x10FC, 0x1514, 0x1517, 0x152A -> BACKPLANE;
            case 0x151C, 0x1528, 0x1560, 0x1563, 0x15D1 -> COPPER;
            default -> SFP;
        };
    }
}
