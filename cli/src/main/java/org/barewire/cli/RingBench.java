package org.barewire.cli;

import java.util.function.IntConsumer;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.ixgbe.MemoryNic;
import org.barewire.drivers.virtio.MemoryVirtio;

/// The loop of a forwarder over a driver's real queues and a device in memory: a burst arrives, one byte of
/// each packet is changed, the burst is sent. One thread plays all parts.
final class RingBench implements MicroBench {
    private static final int RING = 512;
    private static final int BUFFERS = 4096;
    private static final int TOUCHED = 48;

    private final RxQueue rx;
    private final TxQueue tx;
    private final IntConsumer arrivals; // lets so many packets arrive
    private final Runnable departures; // lets those leave that were sent
    private final Runnable close;
    private final long[] packets;

    private RingBench(int batch, RxQueue rx, TxQueue tx, IntConsumer arrivals, Runnable departures, Runnable close) {
        this.packets = new long[batch];
        this.rx = rx;
        this.tx = tx;
        this.arrivals = arrivals;
        this.departures = departures;
        this.close = close;
    }

    /// The ixgbe driver's queues.
    static RingBench ixgbe(int batch) {
        MemoryNic nic = new MemoryNic(RING, BUFFERS);
        return new RingBench(batch, nic.rx(), nic.tx(), nic::receive, nic::send, nic::close);
    }

    /// The virtio driver's queues, on packed or on split rings.
    static RingBench virtio(int batch, boolean packed) {
        MemoryVirtio device = new MemoryVirtio(packed, RING, BUFFERS);
        return new RingBench(batch, device.rx(), device.tx(), device::receive, device::send, device::close);
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
        arrivals.accept(packets.length);
        int n = rx.receive(packets);
        for (int i = 0; i < n; i++) {
            touch(packets[i]);
        }
        tx.sendOrRelease(packets, n);
        departures.run();
        return n;
    }

    private static void touch(long packet) {
        Packet.setByte(packet, TOUCHED, Packet.getByte(packet, TOUCHED) + 1);
    }

    @Override
    public void close() {
        close.run();
    }
}
