package org.barewire.drivers.virtio;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;

/// The virtio-net driver with a vhost-user peer as its device: `virtio-user:SOCKET`. See docs/virtio-user.md.
final class VirtioUser implements NetDevice {
    private final String name;
    private final DeviceConfig config;
    private final List<VirtioRxQueue> rx = new ArrayList<>();
    private final List<VirtioTxQueue> tx = new ArrayList<>();
    private final PeerLoop peer;
    private MacAddress address;
    private boolean closed;
    private DeviceStatistics last = new DeviceStatistics(0, 0, 0, 0, 0, 0, 0, Map.of());

    /// Opens the port; the peer need not be there yet.
    VirtioUser(DeviceName name, DeviceConfig config) {
        this.name = name.toString();
        this.config = config;
        this.address = localAddress(name.device());
        VirtioOptions options = VirtioOptions.parse(name, config);
        PeerLoop peer = null;
        try {
            for (int i = 0; i < config.queues(); i++) {
                PacketPool pool = PacketPool.create(config.memory(), config.poolSize(), slotSize(options, config));
                rx.add(new VirtioRxQueue(config.memory(), pool));
                tx.add(new VirtioTxQueue(config.memory()));
            }
            peer = new PeerLoop(name.path(), options, config, rx, tx);
            config.memory().attach(peer);
        } catch (DeviceException | LinuxException e) {
            if (peer != null) {
                peer.close();
            }
            closeQueues();
            throw new DeviceException("%s: %s".formatted(name.device(), e.getMessage()), e);
        }
        this.peer = peer;
        peer.start();
    }

    /// A buffer holds any frame, unless packets may fill several.
    private static int slotSize(VirtioOptions options, DeviceConfig config) {
        int size = PacketPool.DEFAULT_SLOT_SIZE;
        while (!options.mergeable() && size - 512 < config.maxFrameLength()) {
            size *= 2;
        }
        return size;
    }

    /// Locally administered, and the same for the same name.
    private static MacAddress localAddress(String device) {
        return new MacAddress(0x0200_0000_0000L | Integer.toUnsignedLong(device.hashCode()));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        String negotiated = peer.negotiated();
        return "virtio-net over vhost-user" + (negotiated.isEmpty() ? "" : ", " + negotiated);
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
    public synchronized RxQueue rx(int index) {
        return rx.get(check(index));
    }

    @Override
    public synchronized TxQueue tx(int index) {
        return tx.get(check(index));
    }

    @Override
    public synchronized MacAddress macAddress() {
        return address;
    }

    /// The peer is not told: there is nothing to filter by, all frames come.
    @Override
    public synchronized void setMacAddress(MacAddress address) {
        if (address.isMulticast()) {
            throw new DeviceException("%s: %s is a multicast address".formatted(name, address));
        }
        this.address = address;
    }

    /// Does nothing: all frames come.
    @Override
    public void setPromiscuous(boolean on) {}

    /// Does nothing: all frames come.
    @Override
    public void setAllMulticast(boolean on) {}

    /// Does nothing: all frames come.
    @Override
    public void setMulticast(Collection<MacAddress> addresses) {}

    @Override
    public int mtu() {
        return config.mtu();
    }

    @Override
    public LinkState link() {
        return peer.link();
    }

    @Override
    public synchronized DeviceStatistics statistics() {
        if (!closed) {
            List<Long> in = rx.stream().map(VirtioRxQueue::counters).toList();
            List<Long> out = tx.stream().map(VirtioTxQueue::counters).toList();
            Map<String, Long> details = new LinkedHashMap<>(Counter.details("rx_", in));
            details.putAll(Counter.details("tx_", out));
            last = new DeviceStatistics(
                    Counter.PACKETS.sum(in),
                    Counter.BYTES.sum(in),
                    0, // only the peer knows what found no room
                    Counter.ERRORS.sum(in),
                    Counter.PACKETS.sum(out),
                    Counter.BYTES.sum(out),
                    Counter.ERRORS.sum(out),
                    details);
        }
        return last;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            statistics();
            closed = true;
            peer.close();
            config.memory().detach(peer);
            closeQueues();
        }
    }

    private void closeQueues() {
        rx.forEach(VirtioRxQueue::close);
        tx.forEach(VirtioTxQueue::close);
    }

    private int check(int index) {
        if (closed) {
            throw new DeviceException(name + " is closed");
        }
        if (index < 0 || index >= rx.size()) {
            throw new DeviceException("%s has queues 0 to %d, not %d; open it with ?queues=%d"
                    .formatted(name, rx.size() - 1, index, index + 1));
        }
        return index;
    }
}
