package org.barewire.drivers.afpacket;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.Offload;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.linux.NetNamespace;
import org.barewire.core.linux.PacketSocket;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.Port;
import org.barewire.drivers.Undo;
import org.barewire.drivers.kernel.InterfaceFilter;
import org.barewire.drivers.kernel.InterfaceLink;
import org.jspecify.annotations.Nullable;

/// An interface of the kernel, which goes on using it, over packet sockets: one for each queue, and one that
/// holds what the interface is to receive beyond its own.
final class AfPacket extends Port {
    private static final int DESCRIPTORS_PER_BLOCK = 8;

    private final String namespace;
    private final DeviceConfig config;
    private final NetInterface port;
    private final InterfaceFilter filter;
    private final int index;
    private final @Nullable AfPacketRxQueue[] rx;
    private final @Nullable AfPacketTxQueue[] tx;
    private int group = -1; // that receive queues share the interface's packets in
    private @Nullable DeviceStatistics last; // after closing

    private AfPacket(String name, String namespace, DeviceConfig config, NetInterface port, InterfaceFilter filter) {
        super(name, Math.min(config.mtu(), port.mtu()));
        this.namespace = namespace;
        this.config = config;
        this.port = port;
        this.filter = filter;
        this.index = port.index();
        this.rx = new @Nullable AfPacketRxQueue[config.queues()];
        this.tx = new @Nullable AfPacketTxQueue[config.queues()];
    }

    /// Opens an interface.
    ///
    /// @param namespace the network namespace that it is in; empty for the process's own
    static AfPacket open(String name, String interfaceName, String namespace, DeviceConfig config) {
        try (Undo undo = new Undo()) {
            NetInterface port = NetInterface.open(interfaceName, namespace);
            undo.add(port::close);
            MacAddress own = new MacAddress(port.macAddress());
            int index = port.index();
            InterfaceFilter filter = NetNamespace.call(namespace, () -> new InterfaceFilter(index, own));
            undo.add(filter::close);
            AfPacket opened = new AfPacket(name, namespace, config, port, filter);
            undo.forget();
            return opened;
        }
    }

    @Override
    public String description() {
        return "packet socket on " + port.name();
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
        checkQueue(queue, rx.length);
        AfPacketRxQueue started = rx[queue];
        if (started == null) {
            started = asDeviceError(this::startRx);
            rx[queue] = started;
        }
        return started;
    }

    private AfPacketRxQueue startRx() {
        int blocks = config.rxDescriptors() / DESCRIPTORS_PER_BLOCK;
        int longest = config.withMtu(mtu()).maxFrameLength();
        int slotSize = PacketPool.slotSizeFor(longest);
        try (Undo undo = new Undo()) {
            PacketPool pool = PacketPool.create(config.memory(), config.poolSize(), slotSize);
            undo.add(pool::close);
            Cutter cutter = new Cutter(config.memory());
            undo.add(cutter::free);
            PacketSocket socket = PacketSocket.open(namespace);
            undo.add(socket::close);
            socket.receiveFrom(index);
            if (rx.length > 1) {
                group = socket.share(group);
            }
            socket.mapReceiveRing(blocks, config.offloads().contains(Offload.RSS_HASH));
            AfPacketRxQueue started = new AfPacketRxQueue(socket, blocks, pool, cutter, longest, config.offloads());
            undo.forget();
            return started;
        }
    }

    @Override
    public synchronized TxQueue tx(int queue) {
        checkOpen();
        checkQueue(queue, tx.length);
        AfPacketTxQueue started = tx[queue];
        if (started == null) {
            started = asDeviceError(this::startTx);
            tx[queue] = started;
        }
        return started;
    }

    private AfPacketTxQueue startTx() {
        int longest = config.withMtu(mtu()).maxFrameLength();
        int frameSize = Math.max(2048, Integer.highestOneBit(2 * (longest + AfPacketTxQueue.OVERHEAD) - 1));
        try (Undo undo = new Undo()) {
            Cutter cutter = new Cutter(config.memory());
            undo.add(cutter::free);
            PacketSocket socket = PacketSocket.open(namespace);
            undo.add(socket::close);
            socket.sendTo(index);
            socket.mapSendRing(frameSize, config.txDescriptors());
            AfPacketTxQueue started = new AfPacketTxQueue(socket, frameSize, config.txDescriptors(), cutter, longest);
            undo.forget();
            return started;
        }
    }

    private <T> T asDeviceError(Supplier<T> start) {
        try {
            return start.get();
        } catch (LinuxException e) {
            throw new DeviceException("%s: %s".formatted(name(), e.getMessage()), e);
        }
    }

    @Override
    public synchronized MacAddress macAddress() {
        return filter.address();
    }

    /// Has the interface receive frames for another address as well. Its own, which is the kernel's, stays.
    @Override
    public synchronized void setMacAddress(MacAddress to) {
        ask(() -> filter.setAddress(to));
    }

    @Override
    public synchronized void setPromiscuous(boolean on) {
        ask(() -> filter.setPromiscuous(on));
    }

    @Override
    public synchronized void setAllMulticast(boolean on) {
        ask(() -> filter.setAllMulticast(on));
    }

    @Override
    public synchronized void setMulticast(Collection<MacAddress> addresses) {
        ask(() -> filter.setMulticast(addresses));
    }

    private void ask(Runnable change) {
        checkOpen();
        asDeviceError(() -> {
            change.run();
            return filter;
        });
    }

    @Override
    public synchronized LinkState link() {
        return last != null
                ? LinkState.down("the device is closed")
                : InterfaceLink.of(port, index, port.bitsPerSecond());
    }

    @Override
    public synchronized DeviceStatistics statistics() {
        return last != null ? last : read();
    }

    private DeviceStatistics read() {
        long[] received = new long[4];
        long drops = 0;
        long freezes = 0;
        for (AfPacketRxQueue queue : rx) {
            if (queue != null) {
                for (int i = 0; i < received.length; i++) {
                    received[i] += queue.counter(i);
                }
                drops += queue.drops();
                freezes += queue.freezes();
            }
        }
        long[] sent = new long[5];
        for (AfPacketTxQueue queue : tx) {
            for (int i = 0; i < sent.length && queue != null; i++) {
                sent[i] += queue.counter(i);
            }
        }
        long oversized = sent[AfPacketTxQueue.OVERSIZED];
        Map<String, Long> details = new LinkedHashMap<>();
        details.put("tp_drops", drops);
        details.put("tp_freeze_q_cnt", freezes);
        details.put("rx_oversized", received[AfPacketRxQueue.OVERSIZED]);
        details.put("tx_oversized", oversized);
        return new DeviceStatistics(
                received[AfPacketRxQueue.PACKETS],
                received[AfPacketRxQueue.BYTES],
                drops,
                received[AfPacketRxQueue.ERRORS],
                sent[AfPacketTxQueue.PACKETS],
                sent[AfPacketTxQueue.BYTES],
                sent[AfPacketTxQueue.ERRORS] + oversized,
                details);
    }

    @Override
    public synchronized void close() {
        if (last != null) {
            return;
        }
        last = read();
        for (AfPacketRxQueue queue : rx) {
            if (queue != null) {
                queue.close();
            }
        }
        for (AfPacketTxQueue queue : tx) {
            if (queue != null) {
                queue.close();
            }
        }
        filter.close();
        port.close();
    }

    @Override
    protected boolean isClosed() {
        return last != null;
    }
}
