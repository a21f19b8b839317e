package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESCRIPTOR;
import static org.barewire.drivers.vhost.VirtioNet.DESC_NEXT;
import static org.barewire.drivers.vhost.VirtioNet.DESC_WRITE;

import org.barewire.core.memory.Memory;
import org.barewire.core.packet.PacketPool;

/// A split receive ring for a legacy device without ANY_LAYOUT: each buffer is two descriptors, the header's
/// and, next to it, the data's (5.1.6.6). Both lie where they would lie as one.
final class LegacyRxRing extends SplitRxRing {
    LegacyRxRing(
            RingLayout layout, long features, PacketPool pool, int longestFrame, Notifier notifier, long counters) {
        super(layout, features, pool, longestFrame, 2, notifier, counters);
        for (int id = 0; id <= mask; id += 2) {
            long descriptor = descriptors + (long) id * DESCRIPTOR;
            long chain = (long) (id + 1) << 48 | (long) (DESC_NEXT | DESC_WRITE) << 32;
            Memory.putLong(descriptor + 8, chain | headerLength);
            Memory.putInt(descriptor + DESCRIPTOR + 8, bufferLength - headerLength);
        }
    }

    @Override
    void post(int id, long address) {
        super.post(id, address);
        Memory.putLong(descriptors + (id + 1L) * DESCRIPTOR, address + headerLength);
    }
}
