package org.barewire.sim;

/// How fast a source sends: at a rate or as fast as the wire lets it, and, in a closed loop, only so far
/// ahead of what has come back.
///
/// @param framesPerSecond at most; 0 for no limit
/// @param bitsPerSecond   at most, {@linkplain Wire#FRAMING framing} included; 0 for no limit
/// @param window          frames that may be outstanding; 0 for an open loop
public record Load(long framesPerSecond, long bitsPerSecond, int window) {
    /// So that a {@link ProbeSink} can tell a late frame of a window from a duplicate.
    public static final int MAX_WINDOW = SequenceWindow.SIZE / 2;

    private static final long MAX_RATE = 1_000_000_000_000L;

    public Load {
        if (framesPerSecond < 0 || bitsPerSecond < 0 || window < 0) {
            throw new IllegalArgumentException("rates and windows are not negative; 0 means no limit");
        }
        if (framesPerSecond > MAX_RATE || bitsPerSecond > MAX_RATE) {
            throw new IllegalArgumentException("a rate of up to 10^12 a second is possible");
        }
        if (framesPerSecond > 0 && bitsPerSecond > 0) {
            throw new IllegalArgumentException("a rate is either in frames or in bits per second, not both");
        }
        if (window > MAX_WINDOW) {
            throw new IllegalArgumentException(
                    "a window of %d frames: up to %d is possible".formatted(window, MAX_WINDOW));
        }
    }

    /// As fast as the wire lets.
    public static Load full() {
        return new Load(0, 0, 0);
    }

    public static Load framesPerSecond(long rate) {
        return new Load(rate, 0, 0);
    }

    public static Load bitsPerSecond(long rate) {
        return new Load(0, rate, 0);
    }

    /// Reads a rate: in frames like `1.5mpps`, `500kpps` or `100pps`, in bits like `10g`, `2.5g` or `100m`,
    /// or `unlimited`.
    ///
    /// @throws org.barewire.core.device.DeviceException if it is not understood
    public static Load parse(String text) {
        return text.endsWith("pps")
                ? framesPerSecond(Quantity.rate("rate", text.substring(0, text.length() - 3)))
                : bitsPerSecond(Quantity.rate("rate", text));
    }

    /// The same rate, with at most `window` frames outstanding.
    public Load withWindow(int window) {
        return new Load(framesPerSecond, bitsPerSecond, window);
    }
}
