package org.barewire.drivers.pci;

import java.util.function.IntPredicate;

/// Configuration space of a PCI device; see {@link PciSpace} for its accesses.
public final class PciConfig {
    /// Command register (PCI Local Bus Specification 3.0, section 6.2.2).
    public static final int COMMAND = 0x04;
    public static final int COMMAND_IO = 1;
    public static final int COMMAND_MEMORY = 1 << 1;
    public static final int COMMAND_BUS_MASTER = 1 << 2;
    public static final int COMMAND_INTX_DISABLE = 1 << 10;

    /// Capability ids (PCI Code and ID Assignment Specification 1.11, section 2).
    public static final int CAPABILITY_POWER = 0x01;
    public static final int CAPABILITY_MSI = 0x05;
    public static final int CAPABILITY_VENDOR = 0x09;
    public static final int CAPABILITY_PCI_EXPRESS = 0x10;
    public static final int CAPABILITY_MSIX = 0x11;

    private static final int STATUS = 0x06;
    private static final int STATUS_CAPABILITIES = 1 << 4;
    private static final int FIRST_CAPABILITY = 0x34;
    private static final int MOST_CAPABILITIES = (256 - 64) / 4;

    private final PciSpace space;

    /// What is read and written there is configuration space.
    public PciConfig(PciSpace space) {
        this.space = space;
    }

    /// Where the first capability with this id begins, or 0 if there is none.
    public int capability(int id) {
        return capability(id, offset -> true);
    }

    /// Where the first capability with this id that `wanted` accepts begins, or 0 if there is none. Lists that
    /// a broken device has tied into a loop end as well (section 6.7).
    public int capability(int id, IntPredicate wanted) {
        if ((read16(STATUS) & STATUS_CAPABILITIES) == 0) {
            return 0;
        }
        int offset = read8(FIRST_CAPABILITY) & 0xFC;
        for (int i = 0; i < MOST_CAPABILITIES && offset >= 64; i++) {
            if (read8(offset) == id && wanted.test(offset)) {
                return offset;
            }
            offset = read8(offset + 1) & 0xFC;
        }
        return 0;
    }

    public int read8(int offset) {
        return space.read8(offset);
    }

    public int read16(int offset) {
        return space.read16(offset);
    }

    public int read32(int offset) {
        return space.read32(offset);
    }

    public void write8(int offset, int value) {
        space.write8(offset, value);
    }

    public void write16(int offset, int value) {
        space.write16(offset, value);
    }

    public void write32(int offset, int value) {
        space.write32(offset, value);
    }
}
