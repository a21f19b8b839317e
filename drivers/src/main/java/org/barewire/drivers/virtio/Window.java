package org.barewire.drivers.virtio;

import org.barewire.drivers.pci.PciBar;

/// A part of a base address register in which one of a device's structures lies.
///
/// @param offset within the register
/// @param length bytes
record Window(PciBar bar, int offset, int length) {
    int read8(int at) {
        return bar.read8(offset + at);
    }

    int read16(int at) {
        return bar.read16(offset + at);
    }

    int read32(int at) {
        return bar.read32(offset + at);
    }

    void write8(int at, int value) {
        bar.write8(offset + at, value);
    }

    void write16(int at, int value) {
        bar.write16(offset + at, value);
    }

    void write32(int at, int value) {
        bar.write32(offset + at, value);
    }
}
