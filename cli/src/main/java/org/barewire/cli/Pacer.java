package org.barewire.cli;

/// Says when the next frame of a steady rate is due. What could not be sent in time is made up for, as far as
/// it is not too long ago.
final class Pacer {
    private static final double SECOND = 1e9;

    private final double nanosPerFrame;
    private final double nanosPerByte;
    private final long startNanos;
    private final long catchUpNanos;
    private double next; // nanoseconds after the start

    /// At most so many frames and so many bits a second, framing included; 0 for no limit.
    ///
    /// @param catchUpNanos what is due for longer than that is never sent
    Pacer(double framesPerSecond, double bitsPerSecond, long startNanos, long catchUpNanos) {
        this.nanosPerFrame = framesPerSecond > 0 ? SECOND / framesPerSecond : 0;
        this.nanosPerByte = bitsPerSecond > 0 ? 8 * SECOND / bitsPerSecond : 0;
        this.startNanos = startNanos;
        this.catchUpNanos = catchUpNanos;
    }

    /// Forgets what has been due for too long. Called once before the frames of a burst are {@link #take}n.
    void begin(long nowNanos) {
        next = Math.max(next, nowNanos - startNanos - catchUpNanos);
    }

    /// Is a frame of so many bytes, framing included, due? If so, it counts as sent.
    boolean take(long nowNanos, int bytes) {
        if (next > nowNanos - startNanos) {
            return false;
        }
        next += nanosPerFrame + nanosPerByte * bytes;
        return true;
    }
}
