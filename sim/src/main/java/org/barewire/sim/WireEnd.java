package org.barewire.sim;

import org.jspecify.annotations.Nullable;

/// One end of a {@link Wire}, where a device model or a tester is plugged in. For the simulation's thread,
/// except where it says otherwise.
public final class WireEnd {
    private final Lane out;
    private @Nullable WireEnd other;
    private @Nullable Endpoint endpoint;
    private boolean transmitting;

    WireEnd(Lane out) {
        this.out = out;
    }

    void join(WireEnd other) {
        this.other = other;
    }

    /// Plugs something in, with its transmitter on. What is plugged in at the other end is told
    /// ({@link Endpoint#carrierChanged}); the newcomer asks {@link #carrier} itself.
    ///
    /// @throws IllegalStateException if something is plugged in already
    public void connect(Endpoint endpoint) {
        if (this.endpoint != null) {
            throw new IllegalStateException("this end of the wire is in use: disconnect it first");
        }
        this.endpoint = endpoint;
        transmitter(true);
    }

    /// Pulls the plug: frames that arrive from now on are lost. Does nothing if nothing is plugged in.
    public void disconnect() {
        transmitter(false);
        endpoint = null;
    }

    /// Turns the transmitter of what is plugged in on or off; off, the other end has no carrier and what is
    /// sent is lost.
    public void transmitter(boolean on) {
        boolean changed = on != transmitting && endpoint != null;
        transmitting = on && endpoint != null;
        if (changed && other != null && other.endpoint != null) {
            other.endpoint.carrierChanged(on);
        }
    }

    /// True while something is plugged in at the other end with its transmitter on.
    public boolean carrier() {
        return other != null && other.transmitting;
    }

    /// May the next frame start now: is the line free at its rate, and is there room for a frame of any
    /// length?
    public boolean canSend(long nowNanos) {
        return out.canSend(nowNanos);
    }

    /// Sends a copy of a frame, without its check sequence. It occupies the line for the time that the rate
    /// says, and arrives after that and the delay.
    ///
    /// @param length 0 to {@link Wire#MAX_FRAME}; short frames are not padded
    /// @throws IllegalStateException if {@link #canSend} does not allow it
    public void send(long nowNanos, long address, int length) {
        if (length < 0 || length > Wire.MAX_FRAME) {
            throw new IllegalArgumentException("a frame of %d bytes: a wire carries 0 to %d, without check sequence"
                    .formatted(length, Wire.MAX_FRAME));
        }
        if (!out.canSend(nowNanos)) {
            throw new IllegalStateException("the wire is busy, full or closed: ask canSend before each frame");
        }
        out.send(nowNanos, address, length, transmitting);
    }

    /// What the line carries from this end, framing included; 0 for no limit. From any thread.
    public long bitsPerSecond() {
        return out.bitsPerSecond();
    }

    /// Time of the wire's last step: within {@link Endpoint#frameArrived}, the time of arrival.
    public long nowNanos() {
        return out.nowNanos();
    }

    /// What became of the frames that were sent from this end. From any thread, also after the wire was
    /// closed.
    public WireStatistics statistics() {
        return out.statistics();
    }

    /// Hands a frame over; false if there is nobody to take it.
    boolean receive(long address, int length, boolean damaged) {
        Endpoint to = endpoint;
        if (to == null) {
            return false;
        }
        to.frameArrived(address, length, damaged);
        return true;
    }
}
