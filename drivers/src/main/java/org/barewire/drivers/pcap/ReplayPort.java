package org.barewire.drivers.pcap;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.SoftPort;

/// A capture file as a device that receives what was captured. Its link is up until the last frame has been
/// given.
final class ReplayPort extends SoftPort {
    private final String path;
    private final ReplayOptions options;
    private final FileWindow file;
    private final ReplayQueue queue;

    private ReplayPort(
            String name, String path, ReplayOptions options, FileWindow file, DeviceConfig config, LongSupplier clock) {
        super(name, config.mtu());
        this.path = path;
        this.options = options;
        this.file = file;
        FrameReader reader = FrameReader.of(file, path);
        PacketPool pool = PacketPool.create(config.memory(), config.poolSize());
        this.queue = new ReplayQueue(reader, options, pool, clock);
    }

    /// @param clock in nanoseconds
    /// @throws DeviceException if there is no such file, or it is not one of Ethernet frames
    static ReplayPort open(String name, String path, ReplayOptions options, DeviceConfig config, LongSupplier clock) {
        if (config.queues() != 1) {
            throw new DeviceException("%s: a file is read by one queue, not %d".formatted(name, config.queues()));
        }
        FileWindow file = FileWindow.open(path);
        try {
            return new ReplayPort(name, path, options, file, config, clock);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public String description() {
        String pace = options.isPaced() ? "at %s times its pace".formatted(options.speed()) : "as fast as it goes";
        return "replay of %s %s".formatted(path, pace);
    }

    @Override
    public int rxQueues() {
        return 1;
    }

    @Override
    public int txQueues() {
        return 0;
    }

    @Override
    public RxQueue rx(int index) {
        checkOpen();
        checkQueue(index, 1);
        return queue;
    }

    @Override
    public TxQueue tx(int index) {
        throw new DeviceException("%s is read and can't be sent to; to write a file, add write=yes".formatted(name()));
    }

    @Override
    public LinkState link() {
        String ending = isClosed() ? "it is closed" : queue.ending();
        return ending.isEmpty() ? LinkState.up(0) : LinkState.down(ending);
    }

    @Override
    protected DeviceStatistics readStatistics() {
        Map<String, Long> details = new LinkedHashMap<>();
        details.put("cut_when_captured", queue.counter(ReplayQueue.CUT));
        details.put("not_ethernet", queue.counter(ReplayQueue.OTHER_LINK_TYPE));
        details.put("too_long_for_the_pool", queue.counter(ReplayQueue.TOO_LONG));
        details.put("empty", queue.counter(ReplayQueue.EMPTY));
        details.put("rounds", queue.counter(ReplayQueue.ROUNDS));
        details.put("ends_truncated", queue.counter(ReplayQueue.ENDS_TRUNCATED));
        details.put("ends_damaged", queue.counter(ReplayQueue.ENDS_DAMAGED));
        long packets = queue.counter(ReplayQueue.PACKETS);
        return new DeviceStatistics(packets, queue.counter(ReplayQueue.BYTES), 0, 0, 0, 0, 0, details);
    }

    @Override
    protected void release() {
        queue.close();
        file.close();
    }
}
