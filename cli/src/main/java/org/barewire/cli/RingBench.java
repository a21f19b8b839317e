package org.barewire.cli;

import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.ixgbe.MemoryNic;

/// The loop of a forwarder over the driver's real queues and a device in memory: a burst arrives, one byte of
/// each packet is changed, the burst is sent. One thread plays all parts.
final class RingBench implements MicroBench {
    private static final int RING = 512;
    private static final int BUFFERS = 4096;
    private static final int TOUCHED = 48;

    private final MemoryNic nic = new MemoryNic(RING, BUFFERS);
    private final RxQueue rx = nic.rx();
    private final TxQueue tx = nic.tx();
    private final long[] packets;

    RingBench(int batch) {
        packets = new long[batch];
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
        nic.receive(packets.length);
        int n = rx.receive(packets);
        for (int i = 0; i < n; i++) {
            touch(packets[i]);
        }
        tx.sendOrRelease(packets, n);
        nic.send();
        return n;
    }

    private static void touch(long packet) {
        Packet.setByte(packet, TOUCHED, Packet.getByte(packet, TOUCHED) + 1);
    }

    @Override
    public void close() {
        nic.close();
    }
}
