package org.barewire.cli;

import java.util.List;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.NetDevice;

/// What devices have counted, taken together.
///
/// @param rxPackets received
/// @param txPackets sent
/// @param txBytes   of these, without frame check sequence
/// @param dropped   arrived and found no room, or could not be sent
record Totals(long rxPackets, long txPackets, long txBytes, long dropped) {
    static Totals of(List<? extends NetDevice> devices) {
        Totals sum = new Totals(0, 0, 0, 0);
        for (NetDevice device : devices) {
            DeviceStatistics s = device.statistics();
            sum = sum.plus(new Totals(s.rxPackets(), s.txPackets(), s.txBytes(), s.rxMissed() + s.txErrors()));
        }
        return sum;
    }

    Totals plus(Totals other) {
        return new Totals(
                rxPackets + other.rxPackets,
                txPackets + other.txPackets,
                txBytes + other.txBytes,
                dropped + other.dropped);
    }

    Totals since(Totals before) {
        return plus(new Totals(-before.rxPackets, -before.txPackets, -before.txBytes, -before.dropped));
    }

    /// What was sent in so much time.
    Rates rates(double seconds) {
        return new Rates(seconds, txPackets, txBytes);
    }
}
