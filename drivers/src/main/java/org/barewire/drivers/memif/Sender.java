package org.barewire.drivers.memif;

/// The sending end of a ring, for as long as a connection lasts. Belongs to the queue's thread but for
/// {@link #close}.
interface Sender {
    /// As {@link org.barewire.core.device.TxQueue#send}.
    int send(long[] packets, int from, int count);

    /// As {@link org.barewire.core.device.TxQueue#reclaim}.
    int reclaim();

    /// Slots that were filled and that the other side has not read yet, as far as it can be told. A client that
    /// has read some but offers no buffers in their place looks as if it had not.
    int unread();

    /// Gives back what it holds, when the queue no longer uses it.
    void close();
}
