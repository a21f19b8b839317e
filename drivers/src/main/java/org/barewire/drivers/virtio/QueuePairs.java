package org.barewire.drivers.virtio;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.Undo;

/// A port's queues, a receive queue and a send queue each.
final class QueuePairs implements AutoCloseable {
    private final DeviceConfig config;
    private final List<VirtioRxQueue> rx = new ArrayList<>();
    private final List<VirtioTxQueue> tx = new ArrayList<>();

    QueuePairs(DeviceConfig config) {
        this.config = config;
    }

    /// Adds a pair that has no rings yet.
    ///
    /// @param slots    of the receive queue's pool
    /// @param slotSize bytes of each
    void add(int slots, int slotSize) {
        try (Undo undo = new Undo()) {
            PacketPool pool = PacketPool.create(config.memory(), slots, slotSize, config.numaNode());
            undo.add(pool::close);
            rx.add(new VirtioRxQueue(config.memory(), pool));
            tx.add(new VirtioTxQueue(config.memory()));
            undo.forget();
        }
    }

    int size() {
        return tx.size();
    }

    VirtioRxQueue rx(int index) {
        return rx.get(index);
    }

    VirtioTxQueue tx(int index) {
        return tx.get(index);
    }

    /// Takes the rings away from all of them; what the device had comes back.
    void withdrawRings() {
        rx.forEach(queue -> queue.offer(null, null));
        tx.forEach(queue -> queue.offer(null));
    }

    /// Wakes threads that sleep at receive queues, and lets none sleep there any more.
    void endSleep() {
        rx.forEach(VirtioRxQueue::endSleep);
    }

    /// What the queues have counted, which is all that is known: no device tells what found no room.
    DeviceStatistics statistics() {
        return Counter.statistics(
                rx.stream().map(VirtioRxQueue::counters).toList(),
                tx.stream().map(VirtioTxQueue::counters).toList());
    }

    /// Gives everything back. The data path has stopped, and so has the device.
    @Override
    public void close() {
        rx.forEach(VirtioRxQueue::close);
        tx.forEach(VirtioTxQueue::close);
    }
}
