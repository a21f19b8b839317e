package org.barewire.cli;

import java.util.Locale;

/// How fast packets moved.
///
/// @param seconds it took
/// @param packets that moved
/// @param bytes   of these, without frame check sequence
record Rates(double seconds, long packets, long bytes) {
    private static final int CHECK_SEQUENCE = 4;
    private static final int FRAMING = 24; // check sequence, preamble and start delimiter (8), gap (12)

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
        return perSecond(8 * (bytes + (double) FRAMING * packets)) / 1e6;
    }

    private double perSecond(double amount) {
        return seconds > 0 ? amount / seconds : 0;
    }

    /// As in `14.88 Mpps, 7619 Mbit/s (10000 Mbit/s with framing)`.
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%.2f Mpps, %.0f Mbit/s (%.0f Mbit/s with framing)", mpps(), mbit(), framedMbit());
    }
}
