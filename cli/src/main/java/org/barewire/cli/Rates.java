package org.barewire.cli;

import java.util.Locale;
import org.barewire.sim.Wire;

/// How fast packets moved.
///
/// @param seconds it took
/// @param packets that moved
/// @param bytes   of these, without frame check sequence
record Rates(double seconds, long packets, long bytes) {
    private static final int CHECK_SEQUENCE = 4;

    /// Millions of packets a second.
    double mpps() {
        return perSecond(packets) / 1e6;
    }

    /// Millions of bits a second, check sequences included.
    double mbit() {
        return perSecond(8 * (bytes + (double) CHECK_SEQUENCE * packets)) / 1e6;
    }

    /// Millions of bits a second of the line's capacity: framing included.
    double framedMbit() {
        return perSecond(8 * (bytes + (double) Wire.FRAMING * packets)) / 1e6;
    }

    /// How fast since an earlier look at the same packets.
    Rates since(Rates before) {
        return new Rates(seconds - before.seconds, packets - before.packets, bytes - before.bytes);
    }

    private double perSecond(double amount) {
        return seconds > 0 ? amount / seconds : 0;
    }

    /// As in `14.88 Mpps, 7619 Mbit/s (10000 Mbit/s with framing)`.
    @Override
    public String toString() {
        return "%s, %s (%s with framing)".formatted(packetRate(), bitRate(mbit()), bitRate(framedMbit()));
    }

    private String packetRate() {
        double rate = perSecond(packets);
        return rate >= 1e5
                ? String.format(Locale.ROOT, "%.2f Mpps", rate / 1e6)
                : rate >= 1e3
                        ? String.format(Locale.ROOT, "%.2f kpps", rate / 1e3)
                        : String.format(Locale.ROOT, "%.0f pps", rate);
    }

    private static String bitRate(double mbit) {
        return mbit >= 10
                ? String.format(Locale.ROOT, "%.0f Mbit/s", mbit)
                : String.format(Locale.ROOT, "%.1f kbit/s", mbit * 1e3);
    }
}
