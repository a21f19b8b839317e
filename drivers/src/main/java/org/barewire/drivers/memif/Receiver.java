package org.barewire.drivers.memif;

/// The receiving end of a ring, for as long as a connection lasts. Belongs to the queue's thread but for
/// {@link #close}.
interface Receiver {
    /// As {@link org.barewire.core.device.RxQueue#receive}.
    int receive(long[] packets, int from, int count);

    /// Whether there is something for {@link #receive} to look at.
    boolean isWaiting();

    /// By which the other side says so.
    Doorbell bell();

    /// Gives back what it holds, when the queue no longer uses it.
    void close();
}
