package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.DESCRIPTOR;
import static org.barewire.drivers.vhost.VirtioNet.DESC_AVAIL;
import static org.barewire.drivers.vhost.VirtioNet.DESC_USED;
import static org.barewire.drivers.vhost.VirtioNet.RING_ENTRIES;
import static org.barewire.drivers.vhost.VirtioNet.RING_INDEX;

import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.MemoryDevice;
import org.barewire.drivers.vhost.VirtioNet;

/// Uses the buffers of virtio's rings, split or packed.
public final class MemoryVirtio implements MemoryDevice {
    private static final int FRAME = 60;
    private static final int LONGEST = 1522;
    private static final long FEATURES = VirtioNet.F_VERSION_1 | VirtioNet.F_IN_ORDER;
    private static final long AVAILABLE_BITS = (long) (DESC_AVAIL | DESC_USED) << 48;

    private final PacketMemory memory;
    private final RingLayout rxRing;
    private final RingLayout txRing;
    private final VirtioRxQueue rx;
    private final VirtioTxQueue tx;
    private int received; // descriptors that the device has used, counted without end, as is:
    private int sent;

    /// A device in memory of its own, on huge pages if there are any.
    ///
    /// @param packed      whether its rings are packed ones; else they are split
    /// @param descriptors of each ring, a power of two
    /// @param buffers     of the receive pool
    public MemoryVirtio(boolean packed, int descriptors, int buffers) {
        memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE_IF_FREE, Numa.NO_NODE);
        rxRing = RingLayout.allocate(memory, Numa.NO_NODE, packed, descriptors, RingLayout.APART, false);
        txRing = RingLayout.allocate(memory, Numa.NO_NODE, packed, descriptors, RingLayout.APART, true);
        rx = new VirtioRxQueue(memory, PacketPool.create(memory, buffers));
        tx = new VirtioTxQueue(memory);
        rx.offer(RxRing.create(rxRing, FEATURES, rx.pool(), LONGEST, () -> {}, rx.counters()), null);
        tx.offer(TxRing.create(txRing, FEATURES, LONGEST, () -> {}, tx.counters()));
        rx.fill();
    }

    @Override
    public RxQueue rx() {
        return rx;
    }

    @Override
    public TxQueue tx() {
        return tx;
    }

    @Override
    public void receive(int count) {
        received += use(rxRing, received, count, VirtioNet.HEADER + FRAME);
    }

    @Override
    public void send() {
        sent += use(txRing, sent, txRing.size(), 0);
    }

    private static int use(RingLayout ring, int from, int count, int length) {
        return ring.packed() ? usePacked(ring, from, count, length) : useSplit(ring, from, count, length);
    }

    private static int useSplit(RingLayout ring, int from, int count, int length) {
        int mask = ring.size() - 1;
        long available = Memory.bounded(ring.driver());
        long used = Memory.bounded(ring.device());
        int n = Math.min(count, Memory.getShortAcquire(available + RING_INDEX) - from & 0xFFFF);
        for (int i = 0; i < n; i++) {
            int slot = from + i & mask;
            long id = Memory.getShort(available + RING_ENTRIES + 2L * slot) & 0xFFFF;
            Memory.putLong(used + RING_ENTRIES + 8L * slot, (long) length << 32 | id);
        }
        Memory.putShortRelease(used + RING_INDEX, (short) (from + n));
        return n;
    }

    /// All are packets of one descriptor.
    private static int usePacked(RingLayout ring, int from, int count, int length) {
        int mask = ring.size() - 1;
        long descriptors = Memory.bounded(ring.descriptors());
        int n = 0;
        while (n < count) {
            int position = from + n;
            long word = descriptors + (long) (position & mask) * DESCRIPTOR + 8;
            long content = Memory.getLongAcquire(word);
            long wanted = PackedRxRing.availableBits(position, mask) << 48;
            if ((content & AVAILABLE_BITS) != wanted) {
                break;
            }
            long bits = (position & mask + 1) == 0 ? AVAILABLE_BITS : 0;
            Memory.putLongRelease(word, bits | content & 0xFFFFL << 32 | length);
            n++;
        }
        return n;
    }

    @Override
    public void close() {
        rx.close();
        tx.close();
        memory.close();
    }
}
