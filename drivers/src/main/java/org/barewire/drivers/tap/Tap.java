package org.barewire.drivers.tap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.linux.NetNamespace;
import org.barewire.core.linux.TapFile;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.SoftPort;
import org.barewire.drivers.Undo;
import org.barewire.drivers.kernel.InterfaceLink;
import org.barewire.drivers.kernel.VnetHeader;
import org.jspecify.annotations.Nullable;

/// The program's end of a tap interface, whose other end is the kernel's: what the kernel sends on it is
/// received here. Both ends have an address of their own: the device's is this one's, the interface's the kernel's.
final class Tap extends SoftPort {
    /// The longest packet that the kernel hands over when it leaves segmentation to be done.
    private static final int LONGEST_UNCUT = 0xFFFF + 14 + 8;

    private static final int UNCUT_SLOT = 4096;
    private static final Path INTERFACES = Path.of("/proc/thread-self/net/dev");
    private static final int TX_DROPPED = 11; // of the columns behind the name

    private final DeviceConfig config;
    private final TapOptions options;
    private final List<TapFile> files;
    private final NetInterface port;
    private final int index;
    private final @Nullable TapRxQueue[] rx;
    private final @Nullable TapTxQueue[] tx;
    private long missed;
    private final long missedBefore;

    private Tap(String name, DeviceConfig config, TapOptions options, List<TapFile> files, NetInterface port) {
        super(name, config.mtu(), new MacAddress(0x02BA_0000_0000L | port.name().hashCode() & 0xFFFF_FFFFL));
        this.config = config;
        this.options = options;
        this.files = files;
        this.port = port;
        this.index = port.index();
        this.rx = new @Nullable TapRxQueue[files.size()];
        this.tx = new @Nullable TapTxQueue[files.size()];
        this.missedBefore = dropped(0);
    }

    /// Creates or attaches to an interface, and sets it up.
    static Tap open(String name, String interfaceName, DeviceConfig config, TapOptions options) {
        try (Undo undo = new Undo()) {
            List<TapFile> files = openQueues(interfaceName, config.queues(), options, undo);
            NetInterface port = NetInterface.open(files.getFirst().interfaceName(), options.namespace());
            undo.add(port::close);
            setUp(port, config.mtu(), options);
            Tap opened = new Tap(name, config, options, files, port);
            undo.forget();
            return opened;
        }
    }

    /// Opens as many queues of one interface.
    ///
    /// @param undo is told how to close them
    private static List<TapFile> openQueues(String name, int queues, TapOptions options, Undo undo) {
        List<TapFile> files = new ArrayList<>();
        String actual = name;
        for (int i = 0; i < queues; i++) {
            TapFile file = openQueue(actual, queues, options);
            undo.add(file::close);
            files.add(file);
            actual = file.interfaceName();
        }
        return List.copyOf(files);
    }

    /// A persistent interface may have been made for several queues, and yet one be enough.
    private static TapFile openQueue(String name, int queues, TapOptions options) {
        try {
            return TapFile.open(name, options.namespace(), queues > 1, VnetHeader.BYTES, options.features());
        } catch (LinuxException e) {
            if (e.errno() == Errno.EINVAL && queues == 1) {
                return TapFile.open(name, options.namespace(), true, VnetHeader.BYTES, options.features());
            }
            throw e;
        }
    }

    /// Leaves alone what is right, because who owns a persistent interface may use it, but not change it.
    private static void setUp(NetInterface port, int mtu, TapOptions options) {
        if (port.mtu() != mtu) {
            port.setMtu(mtu);
        }
        MacAddress kernels = options.kernelAddress();
        if (kernels != null && port.macAddress() != kernels.bits()) {
            port.setMacAddress(kernels.bits());
        }
        if (options.up() && (port.flags() & NetInterface.UP) == 0) {
            port.setFlags(NetInterface.UP, NetInterface.UP);
        }
    }

    @Override
    public String description() {
        return "tap interface " + port.name();
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
    public synchronized RxQueue rx(int queue) {
        checkOpen();
        checkQueue(queue, files.size());
        TapRxQueue started = rx[queue];
        if (started == null) {
            started = startRx(files.get(queue).fd());
            rx[queue] = started;
        }
        return started;
    }

    private TapRxQueue startRx(int fd) {
        int frame = config.maxFrameLength();
        int longest = options.segmentation() ? Math.max(LONGEST_UNCUT, frame) : frame;
        int slotSize = options.segmentation() ? UNCUT_SLOT : PacketPool.slotSizeFor(longest);
        PacketPool pool = PacketPool.create(config.memory(), config.poolSize(), slotSize);
        try {
            return new TapRxQueue(fd, config.memory(), pool, longest, options.offloads());
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    @Override
    public synchronized TxQueue tx(int queue) {
        checkOpen();
        checkQueue(queue, files.size());
        TapTxQueue started = tx[queue];
        if (started == null) {
            started = new TapTxQueue(files.get(queue).fd(), config.memory(), config.maxFrameLength());
            tx[queue] = started;
        }
        return started;
    }

    @Override
    public synchronized LinkState link() {
        return isClosed() ? LinkState.down("the device is closed") : InterfaceLink.of(port, index, 0);
    }

    @Override
    protected DeviceStatistics readStatistics() {
        long[] received = new long[4];
        for (TapRxQueue queue : rx) {
            for (int i = 0; i < received.length && queue != null; i++) {
                received[i] += queue.counter(i);
            }
        }
        long[] sent = new long[5];
        for (TapTxQueue queue : tx) {
            for (int i = 0; i < sent.length && queue != null; i++) {
                sent[i] += queue.counter(i);
            }
        }
        missed = dropped(missedBefore + missed) - missedBefore;
        long oversized = sent[TapTxQueue.OVERSIZED];
        Map<String, Long> details = new LinkedHashMap<>();
        details.put("rx_oversized", received[TapRxQueue.OVERSIZED]);
        details.put("tx_oversized", oversized);
        return new DeviceStatistics(
                received[TapRxQueue.PACKETS],
                received[TapRxQueue.BYTES],
                missed,
                received[TapRxQueue.ERRORS],
                sent[TapTxQueue.PACKETS],
                sent[TapTxQueue.BYTES],
                sent[TapTxQueue.ERRORS] + oversized,
                details);
    }

    /// How many packets the kernel has dropped because nobody read them: its "dropped" of what the interface
    /// sends. `otherwise` if the interface or its namespace has gone.
    private long dropped(long otherwise) {
        try {
            return NetNamespace.call(options.namespace(), () -> readDropped(otherwise));
        } catch (LinuxException | UncheckedIOException e) {
            return otherwise;
        }
    }

    private long readDropped(long otherwise) {
        try (var lines = Files.lines(INTERFACES)) {
            String prefix = port.name() + ":";
            return lines.map(String::strip)
                    .filter(line -> line.startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip().split(" +", -1))
                    .mapToLong(columns -> Long.parseLong(columns[TX_DROPPED]))
                    .findFirst()
                    .orElse(otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }

    @Override
    protected void release() {
        for (TapRxQueue queue : rx) {
            if (queue != null) {
                queue.close();
            }
        }
        for (TapTxQueue queue : tx) {
            if (queue != null) {
                queue.close();
            }
        }
        files.forEach(TapFile::close);
        port.close();
    }
}
