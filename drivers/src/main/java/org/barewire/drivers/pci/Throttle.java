package org.barewire.drivers.pci;

import java.util.Map;
import org.barewire.core.device.OptionReader;

/// How far apart the interrupts of a queue are at least: one that would follow sooner is put off, and a packet
/// waits as long at most. One that comes to an idle queue interrupts at once.
///
/// @param micros 0 for no limit; rounded up to what the card's timer can tell
public record Throttle(int micros) {
    private static final String OPTION = "throttle";

    /// No more than 50,000 interrupts a second.
    public static final Throttle STANDARD = new Throttle(20);

    /// The option of a device name that sets it.
    public static final Map<String, String> OPTIONS = Map.of(
            OPTION,
            "shortest time between two interrupts of a queue in microseconds, 0 for no limit, up to 1022 (e1000, e1000e:"
                    + " 16776, igb: 8191); 20 by default");

    /// What a device name's options say, or the standard.
    ///
    /// @param most that the card's timer can do, in microseconds
    /// @throws org.barewire.core.device.DeviceException if a value is not understood or out of range
    public static Throttle parse(Map<String, String> options, int most) {
        return new Throttle(new OptionReader(options).number(OPTION, STANDARD.micros, 0, most));
    }
}
