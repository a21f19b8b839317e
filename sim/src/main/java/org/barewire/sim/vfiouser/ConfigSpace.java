package org.barewire.sim.vfiouser;

import java.nio.ByteBuffer;
import org.barewire.drivers.vfiouser.VfioUserMessage;

/// Configuration space of an 82599 (chapter 9): header, power management, MSI, MSI-X and PCI Express
/// capabilities where the card has them, which drivers rely on. For the server's thread.
final class ConfigSpace {
    static final int BYTES = 4096;
    static final int REGISTER_BAR = 0;
    static final int REGISTER_BYTES = 128 << 10;
    static final int MSIX_BAR = 4;
    static final int MSIX_BYTES = 16 << 10;
    static final int VECTORS = 64;

    private static final int VENDOR = 0x8086;
    private static final int ETHERNET = 0x020000; // class code
    private static final int REVISION = 1;
    private static final int SUBSYSTEM = 3;

    private static final int COMMAND = 0x04;
    private static final int COMMAND_BUS_MASTER = 1 << 2;
    private static final int STATUS_CAPABILITIES = 1 << 4;
    private static final int BARS = 0x10;
    private static final int BAR_64_PREFETCHABLE = 0xC;

    private static final int POWER = 0x40; // 9.3.8.1
    private static final int POWER_CONTROL = POWER + 4;
    private static final int POWER_STATE = 3;
    private static final int MSI = 0x50; // 9.3.8.2
    private static final int MSIX = 0x70; // 9.3.8.3
    private static final int PENDING_BITS = 0x2000; // of MSI-X, in its BAR
    private static final int EXPRESS = 0xA0; // 9.3.10
    private static final int EXPRESS_CONTROL = EXPRESS + 8;
    private static final int FUNCTION_RESET = 1 << 15;

    private final ByteBuffer values = VfioUserMessage.payload(BYTES);
    private final ByteBuffer writable = VfioUserMessage.payload(BYTES);
    private final int deviceId;

    ConfigSpace(int deviceId) {
        this.deviceId = deviceId;
        describeWritable();
        reset();
    }

    /// As after power-up.
    void reset() {
        values.put(0, new byte[BYTES]);
        values.putShort(0x00, (short) VENDOR).putShort(0x02, (short) deviceId);
        values.putShort(0x06, (short) STATUS_CAPABILITIES).putInt(0x08, ETHERNET << 8 | REVISION);
        values.putInt(BARS + 4 * REGISTER_BAR, BAR_64_PREFETCHABLE);
        values.putInt(BARS + 4 * MSIX_BAR, BAR_64_PREFETCHABLE);
        values.putShort(0x2C, (short) VENDOR).putShort(0x2E, (short) SUBSYSTEM);
        values.put(0x34, (byte) POWER).put(0x3D, (byte) 1); // interrupt pin A
        capability(POWER, 0x01, MSI, 0x0003); // version 1.2, no states but D0 and D3
        capability(MSI, 0x05, MSIX, 0x0080); // one vector, 64-bit address
        capability(MSIX, 0x11, EXPRESS, VECTORS - 1);
        values.putInt(MSIX + 4, MSIX_BAR).putInt(MSIX + 8, PENDING_BITS | MSIX_BAR);
        capability(EXPRESS, 0x10, 0, 0x0002); // version 2, an endpoint
        values.putInt(EXPRESS + 4, 0x1000_8CC2); // 512-byte payloads, function-level reset
        values.putShort(EXPRESS_CONTROL, (short) 0x2810).putInt(EXPRESS + 0xC, 0x0000_0482);
        values.putShort(EXPRESS + 0x12, (short) 0x1082); // eight lanes at 5 GT/s
    }

    boolean busMaster() {
        return (values.getShort(COMMAND) & COMMAND_BUS_MASTER) != 0;
    }

    void read(int offset, int count, ByteBuffer to) {
        to.put(values.slice(offset, count));
    }

    /// Writes what is writable; true if that resets the function.
    boolean write(int offset, ByteBuffer from) {
        int stateBefore = values.get(POWER_CONTROL) & POWER_STATE;
        for (int i = 0; from.hasRemaining(); i++) {
            int mask = writable.get(offset + i);
            int value = values.get(offset + i) & ~mask | from.get() & mask;
            values.put(offset + i, (byte) value);
        }
        boolean wakes = stateBefore == POWER_STATE && (values.get(POWER_CONTROL) & POWER_STATE) == 0;
        boolean asked = (values.getShort(EXPRESS_CONTROL) & FUNCTION_RESET) != 0;
        if (asked) {
            reset();
        }
        return wakes || asked;
    }

    private void describeWritable() {
        writable.putShort(COMMAND, (short) 0x0547).put(0x0C, (byte) 0xFF).put(0x3C, (byte) 0xFF);
        writable.putInt(BARS + 4 * REGISTER_BAR, -REGISTER_BYTES).putInt(BARS + 4 * REGISTER_BAR + 4, -1);
        writable.putInt(BARS + 4 * MSIX_BAR, -MSIX_BYTES).putInt(BARS + 4 * MSIX_BAR + 4, -1);
        writable.putShort(POWER_CONTROL, (short) (0x8100 | POWER_STATE));
        writable.putShort(MSI + 2, (short) 0x0071).putLong(MSI + 4, -1).putInt(MSI + 12, -1);
        writable.putShort(MSIX + 2, (short) 0xC000);
        writable.putShort(EXPRESS_CONTROL, (short) 0xFFFF);
    }

    private void capability(int offset, int id, int next, int control) {
        values.put(offset, (byte) id).put(offset + 1, (byte) next).putShort(offset + 2, (short) control);
    }
}
