package org.barewire.drivers.nothing;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.SoftPort;
import org.jspecify.annotations.Nullable;

/// `null:`. A queue's receive buffers are a pool of its own, of which a frame takes one.
final class NothingPort extends SoftPort {
    private static final MacAddress PEER = localAddress("the far end of null:");

    private final DeviceConfig config;
    private final int size;
    private final @Nullable SourceQueue[] rx;
    private final @Nullable SinkQueue[] tx;

    /// @param size bytes of the frames that it gives, or 0 for none
    NothingPort(String name, int size, DeviceConfig config) {
        super(name, Math.max(config.mtu(), size - 14));
        this.config = config;
        this.size = size;
        this.rx = new @Nullable SourceQueue[config.queues()];
        this.tx = new @Nullable SinkQueue[config.queues()];
    }

    @Override
    public String description() {
        return size == 0 ? "a sink of packets" : "a sink, and a source of frames of %d bytes".formatted(size);
    }

    @Override
    public int rxQueues() {
        return rx.length;
    }

    @Override
    public int txQueues() {
        return tx.length;
    }

    @Override
    public synchronized RxQueue rx(int index) {
        checkOpen();
        SourceQueue queue = rx[checkQueue(index, rx.length)];
        if (queue == null) {
            FrameHeaders headers = size == 0 ? null : new FrameHeaders(PEER, macAddress(), size);
            PacketPool pool = PacketPool.create(config.memory(), config.poolSize(), slotSize());
            queue = new SourceQueue(pool, headers, size);
            rx[index] = queue;
        }
        return queue;
    }

    /// The smallest slots that hold a frame, and what a slot has besides.
    private int slotSize() {
        int needed = size + 2 * Packet.HEADROOM + 256;
        return Math.max(PacketPool.DEFAULT_SLOT_SIZE, Integer.highestOneBit(2 * needed - 1));
    }

    @Override
    public synchronized TxQueue tx(int index) {
        checkOpen();
        SinkQueue queue = tx[checkQueue(index, tx.length)];
        if (queue == null) {
            queue = new SinkQueue();
            tx[index] = queue;
        }
        return queue;
    }

    @Override
    public LinkState link() {
        return isClosed() ? LinkState.down("it is closed") : LinkState.up(0);
    }

    @Override
    protected DeviceStatistics readStatistics() {
        long rxPackets = 0;
        long rxBytes = 0;
        long txPackets = 0;
        long txBytes = 0;
        for (int i = 0; i < rx.length; i++) {
            SourceQueue source = rx[i];
            SinkQueue sink = tx[i];
            if (source != null) {
                QueueStatistics statistics = source.statistics();
                rxPackets += statistics.packets();
                rxBytes += source.bytes();
            }
            if (sink != null) {
                txPackets += sink.statistics().packets();
                txBytes += sink.bytes();
            }
        }
        return new DeviceStatistics(rxPackets, rxBytes, 0, 0, txPackets, txBytes, 0, Map.of());
    }

    @Override
    protected void release() {
        Stream.of(rx).filter(Objects::nonNull).forEach(SourceQueue::close);
        Stream.of(tx).filter(Objects::nonNull).forEach(SinkQueue::close);
    }
}
