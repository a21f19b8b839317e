package org.barewire.drivers.vhost;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.Offload;
import org.barewire.core.device.OptionReader;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.SoftPort;
import org.jspecify.annotations.Nullable;

/// The device that a virtio-net driver behind a vhost-user socket sees. What is its transmit queue is our receive
/// queue, and the other way round: of queue `n`, ring `2n` is the driver's receive ring and `2n + 1` its transmit
/// ring.
final class VhostUser extends SoftPort {
    private final DeviceConfig config;
    private final FrontEndThread frontEnds;
    private final @Nullable VhostRxQueue[] rx;
    private final @Nullable VhostTxQueue[] tx;

    private VhostUser(DeviceName name, DeviceConfig config, FrontEndThread frontEnds, MacAddress address) {
        super(name.toString(), config.mtu(), address);
        this.config = config;
        this.frontEnds = frontEnds;
        this.rx = new @Nullable VhostRxQueue[config.queues()];
        this.tx = new @Nullable VhostTxQueue[config.queues()];
    }

    static VhostUser open(DeviceName name, DeviceConfig config) {
        OptionReader options = new OptionReader(name.options());
        for (Offload offload : config.offloads()) {
            if (offload != Offload.CHECKSUM) {
                throw new DeviceException("%s: %s is not to be had of a virtio driver; leave it out of offloads="
                        .formatted(name, offload.name().toLowerCase(Locale.ROOT).replace('_', '-')));
            }
        }
        boolean segmentation = options.flag(VhostUserProvider.TSO, false);
        if (segmentation && !config.offloads().contains(Offload.CHECKSUM)) {
            throw new DeviceException("%s: tso=yes needs offloads=checksum as well".formatted(name));
        }
        FrontEndThread frontEnds = new FrontEndThread(
                name.path(),
                Features.offered(config, segmentation),
                2 * config.queues(),
                options.flag(VhostUserProvider.CLIENT, false),
                options.number(VhostUserProvider.RECONNECT, 1000, 0, 3_600_000));
        VhostUser device = new VhostUser(
                name, config, frontEnds, options.macAddress(VhostUserProvider.MAC, addressFor(name.device())));
        frontEnds.start();
        return device;
    }

    /// A locally administered address that follows from the name.
    private static MacAddress addressFor(String name) {
        long hash =
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).getLeastSignificantBits();
        return new MacAddress(hash & 0x00FF_FFFF_FFFFL | 0x0200_0000_0000L);
    }

    @Override
    public String description() {
        return "vhost-user back end of a virtio network device";
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
        checkQueue(index, rx.length);
        VhostRxQueue queue = rx[index];
        if (queue == null) {
            queue = new VhostRxQueue(PacketPool.create(config.memory(), config.poolSize()), config.maxFrameLength());
            rx[index] = queue;
            frontEnds.attach(2 * index + 1, queue);
        }
        return queue;
    }

    @Override
    public synchronized TxQueue tx(int index) {
        checkOpen();
        checkQueue(index, rx.length);
        VhostTxQueue queue = tx[index];
        if (queue == null) {
            queue = new VhostTxQueue(config.maxFrameLength());
            tx[index] = queue;
            frontEnds.attach(2 * index, queue);
        }
        return queue;
    }

    @Override
    public LinkState link() {
        return frontEnds.link();
    }

    @Override
    protected DeviceStatistics readStatistics() {
        Map<String, Long> details = new LinkedHashMap<>();
        for (int counter = 0; counter < QueueCounter.NAMES.size(); counter++) {
            String name = QueueCounter.NAMES.get(counter);
            details.put("rx_" + name, sum(rx, counter));
            details.put("tx_" + name, sum(tx, counter));
        }
        details.put("connections", frontEnds.connections());
        details.put("protocol_errors", frontEnds.protocolErrors());
        return new DeviceStatistics(
                sum(rx, QueueCounter.PACKETS),
                sum(rx, QueueCounter.BYTES),
                0,
                errors(rx),
                sum(tx, QueueCounter.PACKETS),
                sum(tx, QueueCounter.BYTES),
                errors(tx),
                details);
    }

    private static long errors(@Nullable VhostQueue[] queues) {
        return sum(queues, QueueCounter.TOO_SHORT)
                + sum(queues, QueueCounter.TOO_LONG)
                + sum(queues, QueueCounter.BAD_OFFLOAD)
                + sum(queues, QueueCounter.MALFORMED);
    }

    private static long sum(@Nullable VhostQueue[] queues, int counter) {
        long sum = 0;
        for (VhostQueue queue : queues) {
            sum += queue == null ? 0 : queue.get(counter);
        }
        return sum;
    }

    @Override
    protected void release() {
        frontEnds.close();
        for (int i = 0; i < rx.length; i++) {
            close(rx[i]);
            close(tx[i]);
        }
    }

    private static void close(@Nullable VhostQueue queue) {
        if (queue != null) {
            queue.close();
        }
    }
}
