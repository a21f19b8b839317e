package org.barewire.drivers.pcap;

/// An interface that a pcapng file describes, as far as its packets need it (draft-ietf-opsawg-pcapng, 4.2).
/// Used again for the next section, so that reading a file round and round allocates nothing.
final class CapturedInterface {
    private static final long SECOND = 1_000_000_000;
    private static final int BINARY = 0x80; // a resolution of 2^-n seconds, not 10^-n
    private static final int MICROSECONDS = 6;
    private static final int NANOSECONDS = 9;
    private static final int FRACTION_BITS = 32; // what is taken of a binary fraction

    int linkType;
    int snapLength; // 0 if there is no limit
    int checkSequence; // bytes
    private int resolution;
    private long offsetSeconds;

    void begin(int linkType, int snapLength) {
        this.linkType = linkType;
        this.snapLength = snapLength;
        checkSequence = 0;
        resolution = MICROSECONDS;
        offsetSeconds = 0;
    }

    /// @param resolution as option if_tsresol has it
    void setResolution(byte resolution) {
        this.resolution = resolution & 0xFF;
    }

    void setOffset(long seconds) {
        offsetSeconds = seconds;
    }

    /// Nanoseconds since 1970 of a packet's time. One that does not fit is wrong, and harms nobody.
    long nanos(long time) {
        return offsetSeconds * SECOND + ((resolution & BINARY) == 0 ? decimal(time) : binary(time));
    }

    private long decimal(long time) {
        long nanos = time;
        for (int digits = resolution; digits < NANOSECONDS; digits++) {
            nanos *= 10;
        }
        for (int digits = resolution; digits > NANOSECONDS; digits--) {
            nanos = Long.divideUnsigned(nanos, 10);
        }
        return nanos;
    }

    private long binary(long time) {
        int bits = resolution & ~BINARY;
        if (bits > 63) {
            return 0; // such units never make a second
        }
        long fraction = time & (1L << bits) - 1;
        long shortened = bits > FRACTION_BITS ? fraction >>> bits - FRACTION_BITS : fraction;
        return (time >>> bits) * SECOND + (shortened * SECOND >>> Math.min(bits, FRACTION_BITS));
    }
}
