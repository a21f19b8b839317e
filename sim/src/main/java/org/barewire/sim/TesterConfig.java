package org.barewire.sim;

/// What a tester sends.
///
/// @param headers of its frames
/// @param stream  0 to 65,535: tells its frames from those of other sources
/// @param sizes   of its frames; those too small for the headers become as large as need be
/// @param load    how fast
public record TesterConfig(ProbeHeaders headers, int stream, FrameSizes sizes, Load load) {
    /// Stream 1 of 60-byte IPv4 frames, as fast as the wire lets.
    public static TesterConfig standard() {
        return new TesterConfig(ProbeHeaders.standard(), 1, FrameSizes.fixed(Probe.MIN_LENGTH), Load.full());
    }

    public TesterConfig withHeaders(ProbeHeaders headers) {
        return new TesterConfig(headers, stream, sizes, load);
    }

    public TesterConfig withStream(int stream) {
        return new TesterConfig(headers, stream, sizes, load);
    }

    public TesterConfig withSizes(FrameSizes sizes) {
        return new TesterConfig(headers, stream, sizes, load);
    }

    public TesterConfig withLoad(Load load) {
        return new TesterConfig(headers, stream, sizes, load);
    }
}
