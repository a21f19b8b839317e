package org.barewire.cli;

import java.util.List;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.NetDevice;

/// What devices have counted, taken together.
///
/// @param rxPackets intact packets that arrived, those missed included
/// @param rxMissed  of these, packets that found no room
/// @param rxErrors  frames that were refused: damaged, too short or too long
/// @param tooLong   of these, frames that are intact and longer than the MTU allows
/// @param txPackets sent
/// @param txBytes   of these, without frame check sequence
record Totals(long rxPackets, long rxMissed, long rxErrors, long tooLong, long txPackets, long txBytes) {
    private static final String OVERSIZE = "ROC"; // 82599 datasheet, 8.2.3.23

    static Totals of(List<? extends NetDevice> devices) {
        Totals sum = new Totals(0, 0, 0, 0, 0, 0);
        for (NetDevice device : devices) {
            DeviceStatistics s = device.statistics();
            long tooLong = s.details().getOrDefault(OVERSIZE, 0L);
            sum = sum.plus(new Totals(s.rxPackets(), s.rxMissed(), s.rxErrors(), tooLong, s.txPackets(), s.txBytes()));
        }
        return sum;
    }

    Totals plus(Totals other) {
        return new Totals(
                rxPackets + other.rxPackets,
                rxMissed + other.rxMissed,
                rxErrors + other.rxErrors,
                tooLong + other.tooLong,
                txPackets + other.txPackets,
                txBytes + other.txBytes);
    }

    Totals since(Totals before) {
        return plus(new Totals(
                -before.rxPackets,
                -before.rxMissed,
                -before.rxErrors,
                -before.tooLong,
                -before.txPackets,
                -before.txBytes));
    }

    /// What was sent in so much time.
    Rates rates(double seconds) {
        return new Rates(seconds, txPackets, txBytes);
    }

    /// What the devices refused and what helps, for people; empty if they refused nothing.
    String refusals() {
        if (rxErrors == 0) {
            return "";
        }
        String text =
                "%d refused by the device: %d too long, %d damaged".formatted(rxErrors, tooLong, rxErrors - tooLong);
        return tooLong == 0 ? text : text + "; a larger MTU lets long ones in, as in sim:a?mtu=9000";
    }
}
