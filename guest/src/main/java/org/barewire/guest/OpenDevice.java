package org.barewire.guest;

import java.util.List;
import java.util.stream.IntStream;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;

/// A device of an {@link Agent}, all its queues started, and a pool for the packets that the agent makes.
record OpenDevice(NetDevice device, List<RxQueue> rx, List<TxQueue> tx, PacketPool pool) implements AutoCloseable {
    private static final int PACKETS = 512;

    static OpenDevice open(String name) {
        NetDevice device = NetDevice.open(name);
        try {
            int slot = device.mtu() > 1500 ? 16384 : PacketPool.DEFAULT_SLOT_SIZE;
            List<TxQueue> tx =
                    IntStream.range(0, device.txQueues()).mapToObj(device::tx).toList();
            List<RxQueue> rx =
                    IntStream.range(0, device.rxQueues()).mapToObj(device::rx).toList();
            return new OpenDevice(device, rx, tx, PacketPool.create(PacketMemory.standard(), PACKETS, slot));
        } catch (RuntimeException | Error e) {
            device.close();
            throw e;
        }
    }

    @Override
    public void close() {
        device.close();
        pool.close();
    }
}
