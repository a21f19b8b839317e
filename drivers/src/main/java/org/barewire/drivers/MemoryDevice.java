package org.barewire.drivers;

import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;

/// The least that can stand in for a device: it takes and gives packets in memory, on the caller's thread, and looks at
/// none. A driver's queues run on it unchanged, to be warmed up before a real device receives, and to be measured
/// without one.
public interface MemoryDevice extends AutoCloseable {
    /// Its receive queue.
    RxQueue rx();

    /// Its send queue.
    TxQueue tx();

    /// Lets frames of 60 bytes arrive on the receive queue.
    ///
    /// @param count at least 1, and no more than there are buffers for
    void receive(int count);

    /// Sends everything that the send queue has handed over.
    void send();

    /// Frees the memory; the queues are not used any more.
    @Override
    void close();
}
