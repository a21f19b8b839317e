package org.barewire.drivers.virtio;

import java.util.function.BooleanSupplier;
import org.barewire.drivers.pci.PciConfig;

/// A model's configuration space: a list of capabilities that says where a modern device's structures are.
final class ModelConfig extends ModelSpace {
    private static final int STATUS_CAPABILITIES = 1 << 4;
    private static final int FIRST = 0x40;
    private static final int BYTES = 20; // of a capability

    private final byte[] bytes = new byte[256];
    private final BooleanSupplier gone;
    private int next = FIRST;

    /// @param gone whether the device is gone: then everything reads as ones
    ModelConfig(BooleanSupplier gone) {
        this.gone = gone;
    }

    /// Adds a capability that names a structure (virtio 1.3, 4.1.4).
    ///
    /// @param multiplier of notifications
    void addStructure(int type, int bar, int offset, int length, int multiplier) {
        int at = add(PciConfig.CAPABILITY_VENDOR);
        bytes[at + 2] = BYTES;
        bytes[at + 3] = (byte) type;
        bytes[at + 4] = (byte) bar;
        bytes[at + 9] = (byte) (offset >>> 8);
        bytes[at + 12] = (byte) length;
        bytes[at + 16] = (byte) multiplier;
    }

    /// Adds a capability to the list; returns where it is.
    int add(int id) {
        int at = next;
        if (at == FIRST) {
            bytes[6] = STATUS_CAPABILITIES;
            bytes[0x34] = FIRST;
        } else {
            bytes[at - BYTES + 1] = (byte) at;
        }
        bytes[at] = (byte) id;
        next = at + BYTES;
        return at;
    }

    /// Has the second capability say that its structure is somewhere else.
    void misplace(int offset) {
        bytes[FIRST + BYTES + 10] = (byte) (offset >>> 16);
    }

    @Override
    int read(int offset, int width) {
        return gone.getAsBoolean() ? ones(width) : number(bytes, offset, width);
    }

    @Override
    void write(int offset, int width, int value) {
        for (int i = 0; i < width; i++) {
            bytes[offset + i] = (byte) (value >>> 8 * i);
        }
    }
}
