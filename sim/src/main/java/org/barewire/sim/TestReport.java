package org.barewire.sim;

/// What a tester has found.
///
/// @param seconds       in which frames were sent
/// @param sent          frames sent
/// @param sentBytes     bytes of these, without check sequence
/// @param received      frames that arrived intact, each counted once
/// @param receivedBytes bytes of these, without check sequence
/// @param lost          frames sent of which no intact copy arrived; the corrupted ones are among them
/// @param duplicated    intact frames that arrived once more
/// @param reordered     frames received after one that was sent later
/// @param corrupted     frames that arrived with a check sequence, checksum or filler that does not fit
/// @param foreign       frames that no expected source has sent
public record TestReport(
        double seconds,
        long sent,
        long sentBytes,
        long received,
        long receivedBytes,
        long lost,
        long duplicated,
        long reordered,
        long corrupted,
        long foreign) {
    /// Both together, as of two tests that ran at the same time.
    public TestReport plus(TestReport other) {
        return new TestReport(
                Math.max(seconds, other.seconds),
                sent + other.sent,
                sentBytes + other.sentBytes,
                received + other.received,
                receivedBytes + other.receivedBytes,
                lost + other.lost,
                duplicated + other.duplicated,
                reordered + other.reordered,
                corrupted + other.corrupted,
                foreign + other.foreign);
    }

    /// Frames received per second of sending.
    public double framesPerSecond() {
        return seconds == 0 ? 0 : received / seconds;
    }

    /// Bits received per second of sending, check sequences included.
    public double bitsPerSecond() {
        return seconds == 0 ? 0 : 8 * (receivedBytes + 4.0 * received) / seconds;
    }

    /// Bits received per second of sending, {@linkplain Wire#FRAMING framing} included.
    public double lineBitsPerSecond() {
        return seconds == 0 ? 0 : 8 * (receivedBytes + (double) Wire.FRAMING * received) / seconds;
    }

    /// True if every frame sent was received, once, in order and intact, and nothing else.
    public boolean clean() {
        return lost == 0 && duplicated == 0 && reordered == 0 && corrupted == 0 && foreign == 0;
    }
}
