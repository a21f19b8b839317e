package org.barewire.drivers;

/// A device that a driver has been given, as far as its end goes.
public interface Held {
    /// Why its link is down then.
    String WANTED_BACK = "the kernel waits for the device: it is being unplugged, or another driver is to have it";

    /// Whether the machine wants it back: somebody unplugs it, or gives it to another driver, and waits
    /// until it is closed.
    default boolean isWantedBack() {
        return false;
    }

    /// Gives it back.
    void close();
}
