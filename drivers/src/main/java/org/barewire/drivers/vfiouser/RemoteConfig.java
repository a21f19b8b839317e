package org.barewire.drivers.vfiouser;

import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciId;

/// Configuration space of a device that a server plays.
final class RemoteConfig extends PciConfig {
    private final RemoteRegion region;

    RemoteConfig(RemoteRegion region) {
        this.region = region;
    }

    /// PCI Local Bus Specification 3.0, 6.2.1 and 6.2.4.
    PciId id() {
        return new PciId(read16(0x00), read16(0x02), read16(0x2C), read16(0x2E), read8(0x08), read32(0x08) >>> 8);
    }

    @Override
    public int read8(int offset) {
        return region.read(offset, 1);
    }

    @Override
    public int read16(int offset) {
        return region.read(offset, 2);
    }

    @Override
    public int read32(int offset) {
        return region.read(offset, 4);
    }

    @Override
    public void write8(int offset, int value) {
        region.write(offset, 1, value);
    }

    @Override
    public void write16(int offset, int value) {
        region.write(offset, 2, value);
    }

    @Override
    public void write32(int offset, int value) {
        region.write(offset, 4, value);
    }
}
