package org.barewire.core.device;

/// Moves packets from a receive queue to send queues, through a {@link PacketHandler}, without ever keeping
/// one.
///
/// Where the devices allow it the receive ring's memory is at the same time the transmit ring of each output,
/// a packet is handled where it lies, and no buffer ever changes its slot: no pool, nothing to allocate or to
/// free. Bridges, routers, NATs and firewalls need no more. Elsewhere the same handler runs over plain
/// queues. A relay belongs to one thread.
public interface Relay extends AutoCloseable {
    /// The most outputs that a relay can have.
    int MAX_OUTPUTS = 16;

    /// Handles up to `count` waiting packets and returns how many there were; does not wait.
    int poll(int count);

    /// True if packets are handled in the rings' memory; false if they move over plain queues.
    boolean inPlace();

    /// What came in: packets received, and dropped by the relay for want of room. Over plain queues, all that
    /// the queue has counted since it was started, by the relay or not. Any thread may call.
    QueueStatistics received();

    /// What went out on output `index`. Over plain queues, all that the queue has counted since it was started.
    /// Any thread may call.
    QueueStatistics sent(int index);

    /// Ends the relay. One in place stops its queues, with what has been handed over sent first, and they can
    /// be asked for again; plain queues go on, and belong to their devices. Closing twice does nothing.
    @Override
    void close();
}
