package org.barewire.core.device;

/// Packets on their way out. Belongs to one thread.
public interface TxQueue {
    /// Hands packets over to the device and returns how many it took, from `from` on; does not wait. Those it
    /// took are the device's, and go back to their pools when they have been sent; the caller still owns the
    /// others.
    int send(long[] packets, int from, int count);

    /// Sends what the device takes, releases the rest, and counts it as dropped.
    ///
    /// @return how many packets were sent
    int sendOrRelease(long[] packets, int from, int count);

    /// {@link #sendOrRelease(long[], int, int)} of the first `count` packets.
    default int sendOrRelease(long[] packets, int count) {
        return sendOrRelease(packets, 0, count);
    }

    /// Gives packets that have left back to their pools. Sending does this by itself, in steps; call it when
    /// nothing is sent for a while and the packets are wanted.
    ///
    /// @return how many packets the device still has
    int reclaim();

    /// What this queue has counted. Any thread may call.
    QueueStatistics statistics();
}
