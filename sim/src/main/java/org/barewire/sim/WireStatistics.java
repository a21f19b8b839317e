package org.barewire.sim;

/// What became of the frames that were sent from one end of a {@link Wire}.
///
/// Once nothing is under way, `sent + duplicated = delivered + lost`.
///
/// @param sent       frames given to the wire
/// @param sentBytes  bytes of these, without framing and check sequence
/// @param lost       frames (or copies) that did not arrive: by chance, or because nothing was plugged in, or
///     the transmitter was off
/// @param duplicated frames that were given a second copy
/// @param reordered  frames that arrived after the one that was sent next
/// @param corrupted  frames in which a bit was flipped
/// @param delivered  frames that arrived, copies and corrupted ones included
public record WireStatistics(
        long sent, long sentBytes, long lost, long duplicated, long reordered, long corrupted, long delivered) {
    /// Frames still under way. Exact on the simulation's thread only.
    public long inFlight() {
        return sent + duplicated - delivered - lost;
    }
}
