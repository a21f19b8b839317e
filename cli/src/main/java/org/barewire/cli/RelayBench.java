package org.barewire.cli;

import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.Relay;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.ixgbe.MemoryNic;

/// The loop of {@link RingBench} over the driver's in-place relay.
final class RelayBench implements MicroBench {
    private static final int RING = 256;
    private static final int TOUCHED = 48;

    private final MemoryNic nic = new MemoryNic(RING, RING);
    private final Relay relay = nic.relay(RelayBench::touch);
    private final int batch;

    RelayBench(int batch) {
        this.batch = batch;
    }

    @Override
    public long run(long count) {
        long moved = 0;
        while (moved < count) {
            nic.receiveLegacy(batch);
            moved += relay.poll(batch);
            nic.sendRelayed();
        }
        return moved;
    }

    private static int touch(long packet) {
        Packet.setByte(packet, TOUCHED, Packet.getByte(packet, TOUCHED) + 1);
        return PacketHandler.send(packet, 1);
    }

    @Override
    public void close() {
        nic.close();
    }
}
