package org.barewire.sim;

import java.util.HashMap;
import java.util.Map;

/// A 10GBASE-T PHY on the management bus, as far as drivers look for one (IEEE 802.3, 45.2): registers that
/// keep what is written, identity and abilities. The link it makes is the wire's. Guarded by the model's
/// lock.
final class MdioPhy {
    /// What is read where nobody answers.
    static final int NOTHING = 0xFFFF;

    // fields of MSCA
    private static final int DEVICE_SHIFT = 16;
    private static final int PHY_SHIFT = 21;
    private static final int OPERATION_SHIFT = 26;
    private static final int OLD_PROTOCOL = 1 << 28; // clause 22
    private static final int ADDRESS = 0;
    private static final int WRITE = 1;
    private static final int READ_AND_INCREMENT = 2;

    // devices in the package
    private static final int PMA = 1;
    private static final int PCS = 3;
    private static final int NEGOTIATION = 7;

    // registers of every device
    private static final int CONTROL = 0;
    private static final int STATUS = 1;
    private static final int ID_HIGH = 2;
    private static final int ID_LOW = 3;
    private static final int SPEEDS = 4;
    private static final int DEVICES = 5;

    private static final int X540_ID = 0x0154_0200; // the drivers take the X550's for the same kind
    private static final int SPEED_ABILITIES = 1 | 1 << 4 | 1 << 5; // 10 Gbit/s, 1 Gbit/s, 100 Mbit/s
    private static final int RESET = 1 << 15;
    private static final int RESTART = 1 << 9;
    private static final int LINK_UP = 1 << 2;
    private static final int NEGOTIATED = 1 << 5;

    private final int[] addresses = new int[32]; // that the last address cycle of each device has set
    private final Map<Integer, Integer> written = new HashMap<>();

    /// Carries out a command: what MSCA was written with, and the data to write from MSRWD.
    ///
    /// @return the data that was read
    int command(int msca, int data, boolean linkUp) {
        int device = msca >>> DEVICE_SHIFT & 31;
        if ((msca >>> PHY_SHIFT & 31) != 0 || (msca & OLD_PROTOCOL) != 0 || !isThere(device)) {
            return NOTHING;
        }
        int operation = msca >>> OPERATION_SHIFT & 3;
        if (operation == ADDRESS) {
            addresses[device] = msca & 0xFFFF;
            return data;
        }
        int register = addresses[device];
        if (operation == WRITE) {
            int kept = register == CONTROL ? data & ~(RESET | RESTART) : data; // both are done at once
            written.put(device << 16 | register, kept);
            return data;
        }
        if (operation == READ_AND_INCREMENT) {
            addresses[device] = register + 1 & 0xFFFF;
        }
        return read(device, register, linkUp);
    }

    private int read(int device, int register, boolean linkUp) {
        return switch (register) {
            case STATUS -> linkUp ? LINK_UP | (device == NEGOTIATION ? NEGOTIATED : 0) : 0;
            case ID_HIGH -> X540_ID >>> 16;
            case ID_LOW -> X540_ID & 0xFFFF;
            case SPEEDS -> device == PMA ? SPEED_ABILITIES : written.getOrDefault(device << 16 | register, 0);
            case DEVICES -> 1 << PMA | 1 << PCS | 1 << NEGOTIATION;
            default -> written.getOrDefault(device << 16 | register, 0);
        };
    }

    private static boolean isThere(int device) {
        return device == PMA || device == PCS || device == NEGOTIATION;
    }
}
