package org.barewire.drivers.memif;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.SoftPort;
import org.barewire.drivers.Undo;

/// `memif:`, either role. Its link is up while it is connected; its queues stay the same from one connection to
/// the next.
final class MemifPort extends SoftPort {
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final String path;
    private final MemifOptions options;
    private final DeviceConfig config;
    private final List<MemifRxQueue> rx = new ArrayList<>();
    private final List<MemifTxQueue> tx = new ArrayList<>();
    private final List<PacketPool> copies = new ArrayList<>(); // of a client that does not copy, for each send queue
    private final Connector connector;

    /// @throws DeviceException if it cannot listen, or there is not enough memory
    MemifPort(String name, String path, MemifOptions options, DeviceConfig config) {
        super(name, config.mtu(), options.address());
        this.path = path;
        this.options = options;
        this.config = config;
        try {
            for (int i = 0; i < config.queues(); i++) {
                rx.add(receiveQueue());
                tx.add(new MemifTxQueue());
                if (options.zeroCopy()) {
                    copies.add(PacketPool.create(config.memory(), options.ringSize()));
                }
            }
            this.connector = new Connector(this, path);
        } catch (LinuxException e) {
            closeQueues();
            throw new DeviceException("%s cannot be opened: %s".formatted(name, e.getMessage()), e);
        }
        connector.start();
    }

    private MemifRxQueue receiveQueue() {
        try (Undo undo = new Undo()) {
            PacketPool pool = PacketPool.create(config.memory(), config.poolSize());
            undo.add(pool::close);
            MemifRxQueue queue = new MemifRxQueue(pool);
            undo.forget();
            return queue;
        }
    }

    @Override
    public String description() {
        String how = options.zeroCopy()
                ? "zero-copy client"
                : options.role() == MemifOptions.Role.CLIENT ? "client" : "server";
        return "memif %s at %s, interface %d".formatted(how, path, options.id());
    }

    @Override
    public int rxQueues() {
        return rx.size();
    }

    @Override
    public int txQueues() {
        return tx.size();
    }

    @Override
    public RxQueue rx(int index) {
        checkOpen();
        return rx.get(checkQueue(index, rx.size()));
    }

    @Override
    public TxQueue tx(int index) {
        checkOpen();
        return tx.get(checkQueue(index, tx.size()));
    }

    @Override
    public LinkState link() {
        if (isClosed()) {
            return LinkState.down("it is closed");
        }
        String reason = connector.reason();
        return reason.isEmpty() ? LinkState.up(0) : LinkState.down(reason);
    }

    @Override
    protected DeviceStatistics readStatistics() {
        Map<String, Long> details = new LinkedHashMap<>();
        details.put("connections", connector.connections());
        details.put("failed_connections", connector.failures());
        details.put("rx_bad_index", received(QueueCounters.BAD_INDEX));
        details.put("rx_bad_buffer", received(QueueCounters.BAD_BUFFER));
        details.put("rx_bad_chain", received(QueueCounters.BAD_CHAIN));
        details.put("rx_empty", received(QueueCounters.EMPTY));
        details.put("rx_too_long", received(QueueCounters.TOO_LONG));
        details.put("rx_memory_gone", received(QueueCounters.FAULTS));
        details.put("tx_dropped", sent(QueueCounters.DROPPED));
        details.put("tx_bad_index", sent(QueueCounters.BAD_INDEX));
        details.put("tx_bad_buffer", sent(QueueCounters.BAD_BUFFER));
        details.put("tx_empty", sent(QueueCounters.EMPTY));
        details.put("tx_too_long", sent(QueueCounters.TOO_LONG));
        details.put("tx_memory_gone", sent(QueueCounters.FAULTS));
        return new DeviceStatistics(
                received(QueueCounters.PACKETS),
                received(QueueCounters.BYTES),
                0,
                rx.stream().mapToLong(queue -> queue.statistics().errors()).sum(),
                sent(QueueCounters.PACKETS),
                sent(QueueCounters.BYTES),
                tx.stream().mapToLong(queue -> queue.statistics().errors()).sum(),
                details);
    }

    private long received(int counter) {
        return rx.stream().mapToLong(queue -> queue.counter(counter)).sum();
    }

    private long sent(int counter) {
        return tx.stream().mapToLong(queue -> queue.counter(counter)).sum();
    }

    /// Leaves the other side a moment to read what has been sent.
    @Override
    protected void release() {
        long start = System.nanoTime();
        while (tx.stream().anyMatch(MemifTxQueue::isUnread) && System.nanoTime() - start < DRAIN_NANOS) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        connector.close();
        closeQueues();
    }

    private void closeQueues() {
        rx.forEach(MemifRxQueue::close);
        tx.forEach(MemifTxQueue::close);
        copies.forEach(PacketPool::close);
    }

    MemifOptions options() {
        return options;
    }

    int queues() {
        return rx.size();
    }

    int longest() {
        return config.maxFrameLength();
    }

    PacketMemory memory() {
        return config.memory();
    }

    /// The name that the other side is told, of which it takes 31 bytes.
    String interfaceName() {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.substring(0, Math.min(31, name.length()));
    }

    MemifRxQueue rxQueue(int index) {
        return rx.get(index);
    }

    MemifTxQueue txQueue(int index) {
        return tx.get(index);
    }

    PacketPool copies(int queue) {
        return copies.get(queue);
    }

    /// Whether the other side has taken memory away that this side has mapped.
    boolean isFaulty() {
        return rx.stream().anyMatch(MemifRxQueue::isFaulty) || tx.stream().anyMatch(MemifTxQueue::isFaulty);
    }

    /// All packet memory that there is now, as far as a server takes so many regions; what cannot be done
    /// without comes first.
    List<Region> sharedRegions(int most) throws ProtocolException {
        Set<Region> regions = new LinkedHashSet<>();
        rx.forEach(queue -> regions.add(queue.pool().region()));
        copies.forEach(pool -> regions.add(pool.region()));
        int needed = regions.size();
        regions.addAll(config.memory().regions());
        List<Region> shared =
                regions.stream().filter(SharedRegions::isPossible).limit(most).toList();
        if (shared.size() < needed) {
            throw new ProtocolException("the other side takes %d regions, and zero-copy needs %d: use zero-copy=no"
                    .formatted(most, needed));
        }
        return shared;
    }
}
