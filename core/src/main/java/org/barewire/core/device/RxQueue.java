package org.barewire.core.device;

import org.barewire.core.packet.PacketPool;

/// Packets as they arrive. Belongs to one thread.
public interface RxQueue {
    /// Takes up to `count` waiting packets into `packets`, from index `from` on, and returns how many there
    /// were; does not wait. The caller owns them.
    int receive(long[] packets, int from, int count);

    /// Takes as many waiting packets as there are and as fit.
    default int receive(long[] packets) {
        return receive(packets, 0, packets.length);
    }

    /// Whether packets wait, without being lost, for as long as nobody takes them, as those of a file do. Who
    /// hands on what comes from such a queue had better keep what finds no room than drop it.
    default boolean keepsPackets() {
        return false;
    }

    /// Whether everything that there was has been received, and nothing will ever come again. A queue of a
    /// network never says so.
    default boolean isExhausted() {
        return false;
    }

    /// The pool that the device's receive buffers come from.
    PacketPool pool();

    /// What this queue has counted. Any thread may call.
    QueueStatistics statistics();
}
