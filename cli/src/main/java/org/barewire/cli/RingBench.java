package org.barewire.cli;

import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.MemoryDevice;
import org.barewire.drivers.ixgbe.MemoryNic;
import org.barewire.drivers.virtio.MemoryVirtio;

/// The loop of a forwarder over a driver's real queues and a device in memory: a burst arrives, one byte of
/// each packet is changed, the burst is sent. One thread plays all parts.
final class RingBench implements MicroBench {
    private static final int RING = 512;
    private static final int BUFFERS = 4096;
    private static final int TOUCHED = 48;

    private final MemoryDevice device;
    private final RxQueue rx;
    private final TxQueue tx;
    private final long[] packets;

    private RingBench(int batch, MemoryDevice device) {
        this.packets = new long[batch];
        this.device = device;
        this.rx = device.rx();
        this.tx = device.tx();
    }

    /// The queues of a driver for Intel's cards.
    static RingBench intel(int batch, MemoryNic.Rings rings) {
        return new RingBench(batch, new MemoryNic(RING, BUFFERS, rings));
    }

    /// The virtio driver's queues, on packed or on split rings.
    static RingBench virtio(int batch, boolean packed) {
        return new RingBench(batch, new MemoryVirtio(packed, RING, BUFFERS));
    }

    @Override
    public long run(long count) {
        long moved = 0;
        while (moved < count) {
            moved += burst();
        }
        return moved;
    }

    private int burst() {
        long[] packets = this.packets;
        device.receive(packets.length);
        int n = rx.receive(packets);
        for (int i = 0; i < n; i++) {
            touch(packets[i]);
        }
        tx.sendOrRelease(packets, n);
        device.send();
        return n;
    }

    private static void touch(long packet) {
        Packet.setByte(packet, TOUCHED, Packet.getByte(packet, TOUCHED) + 1);
    }

    @Override
    public void close() {
        device.close();
    }
}
