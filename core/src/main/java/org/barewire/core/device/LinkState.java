package org.barewire.core.device;

/// Whether and how fast a device is connected.
///
/// @param up            frames can be sent and received
/// @param bitsPerSecond speed, or 0 if it isn't known
/// @param reason        for people when the link is down: why, as far as the device can tell; empty when it
///     is up
public record LinkState(boolean up, long bitsPerSecond, String reason) {
    public static LinkState up(long bitsPerSecond) {
        return new LinkState(true, bitsPerSecond, "");
    }

    public static LinkState down(String reason) {
        return new LinkState(false, 0, reason);
    }

    /// As in `up, 10000 Mbit/s`.
    @Override
    public String toString() {
        String rate = bitsPerSecond == 0 ? "" : ", " + bitsPerSecond / 1_000_000 + " Mbit/s";
        String why = reason.isEmpty() ? "" : ": " + reason;
        return (up ? "up" : "down") + rate + why;
    }
}
