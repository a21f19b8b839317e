package org.barewire.drivers.vfiouser;

import org.barewire.core.memory.Registers;
import org.barewire.drivers.pci.PciBar;

/// A base address register of a device that a server plays. Writes of 32 bits are posted, as on the bus.
final class RemoteBar extends PciBar {
    private final RemoteRegion region;
    private final Registers registers = new Registers() {
        @Override
        public int read32(int offset) {
            return region.read(offset, 4);
        }

        @Override
        public void write32(int offset, int value) {
            region.post(offset, value);
        }
    };

    RemoteBar(RemoteRegion region) {
        this.region = region;
    }

    @Override
    public long size() {
        return region.size();
    }

    @Override
    public Registers registers() {
        return registers;
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
        region.post(offset, value);
    }
}
