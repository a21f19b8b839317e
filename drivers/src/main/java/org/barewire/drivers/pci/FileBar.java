package org.barewire.drivers.pci;

import org.barewire.core.linux.DeviceFile;

/// I/O ports, memory that can't be mapped, or configuration space: each access is a system call.
final class FileBar extends PciBar {
    private final DeviceFile file;

    FileBar(DeviceFile file) {
        this.file = file;
    }

    @Override
    public long size() {
        return file.length();
    }

    @Override
    public int read8(int offset) {
        return file.read8(offset);
    }

    @Override
    public int read16(int offset) {
        return file.read16(offset);
    }

    @Override
    public int read32(int offset) {
        return file.read32(offset);
    }

    @Override
    public void write8(int offset, int value) {
        file.write8(offset, value);
    }

    @Override
    public void write16(int offset, int value) {
        file.write16(offset, value);
    }

    @Override
    public void write32(int offset, int value) {
        file.write32(offset, value);
    }
}
