package org.barewire.core.device;

/// Whether and how fast a device is connected.
///
/// @param up            frames can be sent and received
/// @param bitsPerSecond speed, or 0 if it isn't known
/// @param reason        for people when the link is down: why, as far as the device can tell; empty when it
///     is up
/// @param removed       the device is gone, or is to go and others wait for it to be closed: its link will
///     not come up again
public record LinkState(boolean up, long bitsPerSecond, String reason, boolean removed) {
    public static LinkState up(long bitsPerSecond) {
        return new LinkState(true, bitsPerSecond, "", false);
    }

    public static LinkState down(String reason) {
        return new LinkState(false, 0, reason, false);
    }

    /// Down for good.
    public static LinkState removed(String reason) {
        return new LinkState(false, 0, reason, true);
    }

    /// As in `up, 10000 Mbit/s`.
    @Override
    public String toString() {
        String rate = bitsPerSecond == 0 ? "" : ", " + bitsPerSecond / 1_000_000 + " Mbit/s";
        String why = reason.isEmpty() ? "" : ": " + reason;
        return (up ? "up" : "down") + rate + why;
    }
}
