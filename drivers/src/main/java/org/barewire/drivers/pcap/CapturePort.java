package org.barewire.drivers.pcap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.LinuxException;
import org.barewire.drivers.SoftPort;

/// A capture file as a device that is sent what is to be in it. Its link is up as long as it can be written.
final class CapturePort extends SoftPort {
    private final String path;
    private final CaptureOptions options;
    private final List<CaptureQueue> queues;
    private final CaptureWriter writer;

    /// @param clock nanoseconds since 1970
    /// @throws DeviceException if the file cannot be written, or somebody writes or replays it
    CapturePort(
            String name,
            String path,
            RecordFormat format,
            CaptureOptions options,
            DeviceConfig config,
            LongSupplier clock) {
        super(name, config.mtu());
        this.path = path;
        this.options = options;
        this.queues = new ArrayList<>();
        try {
            for (int i = 0; i < config.queues(); i++) {
                queues.add(new CaptureQueue(new RecordRing(format, options.snapLength(), options.buffer()), clock));
            }
            CaptureFiles files = new CaptureFiles(path, format, options, this::offered);
            this.writer = new CaptureWriter("barewire-" + name, files, queues);
        } catch (LinuxException | DeviceException e) {
            queues.forEach(CaptureQueue::close);
            throw new DeviceException("%s cannot be opened: %s".formatted(name, e.getMessage()), e);
        }
        writer.start();
    }

    private QueueStatistics offered() {
        return queues.stream()
                .map(CaptureQueue::statistics)
                .reduce(QueueStatistics::plus)
                .orElseThrow();
    }

    @Override
    public String description() {
        return "capture to %s, %s".formatted(path, options.format());
    }

    @Override
    public int rxQueues() {
        return 0;
    }

    @Override
    public int txQueues() {
        return queues.size();
    }

    @Override
    public RxQueue rx(int index) {
        throw new DeviceException(
                "%s is written and gives nothing; to read the file, leave out write=yes".formatted(name()));
    }

    @Override
    public TxQueue tx(int index) {
        checkOpen();
        return queues.get(checkQueue(index, queues.size()));
    }

    @Override
    public LinkState link() {
        RuntimeException failure = writer.failure();
        if (failure != null) {
            return LinkState.down(String.valueOf(failure.getMessage()));
        }
        return isClosed() ? LinkState.down("it is closed") : LinkState.up(0);
    }

    @Override
    protected DeviceStatistics readStatistics() {
        QueueStatistics sent = offered();
        long bytes = queues.stream().mapToLong(CaptureQueue::bytes).sum();
        return new DeviceStatistics(0, 0, 0, 0, sent.packets(), bytes, 0, Map.of("dropped", sent.dropped()));
    }

    /// @throws DeviceException if not everything that was sent is in the file
    @Override
    protected void release() {
        writer.close();
        queues.forEach(CaptureQueue::close);
        RuntimeException failure = writer.failure();
        if (failure != null) {
            throw new DeviceException(
                    "%s is not complete: %s. Make room, or write elsewhere".formatted(path, failure.getMessage()),
                    failure);
        }
    }
}
