package org.barewire.drivers.virtio;

import org.barewire.core.device.Counters;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;

/// A receive and a send ring with the device's side of each, for tests.
final class Rings implements AutoCloseable {
    static final int SIZE = 64;
    static final int LONGEST = 1522;

    final PacketPool buffers = PacketPool.create(PacketMemory.standard(), 256);
    final PacketPool packets = PacketPool.create(PacketMemory.standard(), 256);
    final long rxCounters = Counters.allocate();
    final long txCounters = Counters.allocate();
    final RingLayout rxLayout;
    final RingLayout txLayout;
    final RxRing rx;
    final TxRing tx;
    final RingDevice rxDevice;
    final RingDevice txDevice;
    int notifications;

    Rings(boolean packed, long features) {
        PacketMemory memory = PacketMemory.standard();
        rxLayout = RingLayout.allocate(memory, Numa.NO_NODE, packed, SIZE, RingLayout.APART, false);
        txLayout = RingLayout.allocate(memory, Numa.NO_NODE, packed, SIZE, RingLayout.APART, true);
        Notifier notifier = () -> notifications++;
        rx = RxRing.create(rxLayout, features, buffers, LONGEST, notifier, rxCounters);
        tx = TxRing.create(txLayout, features, LONGEST, notifier, txCounters);
        rxDevice = RingDevice.of(rxLayout);
        txDevice = RingDevice.of(txLayout);
    }

    /// Gives everything back, and fails if a packet is missing.
    @Override
    public void close() {
        rx.release(PacketMemory.standard());
        tx.release(PacketMemory.standard());
        Counters.free(rxCounters);
        Counters.free(txCounters);
        int missing = buffers.slots() - buffers.available() + packets.slots() - packets.available();
        buffers.close();
        packets.close();
        if (missing != 0) {
            throw new AssertionError(missing + " packets were not given back");
        }
    }
}
