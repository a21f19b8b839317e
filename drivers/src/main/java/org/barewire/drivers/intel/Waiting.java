package org.barewire.drivers.intel;

import java.util.concurrent.locks.LockSupport;
import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Registers;

/// Waiting for a device.
///
/// @param device its name, for messages
public record Waiting(String device, Registers registers) {
    private static final long SECOND = 1_000_000_000;

    /// Waits for register bits; the message says what for.
    ///
    /// @throws DeviceException if they do not come within a second
    public void expect(String what, int register, int mask, int value) {
        if (!registers.await(register, mask, value, SECOND)) {
            throw new DeviceException("%s: waited a second for %s, in vain (register 0x%05x is 0x%08x)"
                    .formatted(device, what, register, registers.read32(register)));
        }
    }

    /// Lets time pass, however often it is interrupted.
    public static void pause(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
