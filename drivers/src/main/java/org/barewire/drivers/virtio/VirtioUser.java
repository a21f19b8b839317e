package org.barewire.drivers.virtio;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.OptionReader;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.SoftPort;

/// The virtio-net driver with a vhost-user peer as its device: `virtio-user:SOCKET`. See docs/virtio-user.md.
final class VirtioUser extends SoftPort {
    private final DeviceConfig config;
    private final QueuePairs queues;
    private final PeerLoop peer;

    /// Opens the port; the peer need not be there yet.
    VirtioUser(DeviceName name, DeviceConfig config) {
        super(name.toString(), config.mtu(), addressFor(name.device()));
        this.config = config;
        this.queues = new QueuePairs(config);
        OptionReader given = new OptionReader(name.options());
        VirtioOptions options = VirtioOptions.parse(given, config);
        PeerLoop peer = null;
        try {
            for (int i = 0; i < config.queues(); i++) {
                queues.add(config.poolSize(), slotSize(options, config));
            }
            peer = new PeerLoop(name.path(), given.flag("server", false), options, config, queues);
            config.memory().attach(peer);
        } catch (DeviceException | LinuxException e) {
            if (peer != null) {
                peer.close();
            }
            queues.close();
            throw new DeviceException("%s: %s".formatted(name.device(), e.getMessage()), e);
        }
        this.peer = peer;
        peer.start();
    }

    /// A buffer holds any frame, unless packets may fill several.
    private static int slotSize(VirtioOptions options, DeviceConfig config) {
        return options.mergeable() ? PacketPool.DEFAULT_SLOT_SIZE : PacketPool.slotSizeFor(config.maxFrameLength());
    }

    /// Locally administered, and the same for the same name.
    private static MacAddress addressFor(String device) {
        return new MacAddress(0x0200_0000_0000L | Integer.toUnsignedLong(device.hashCode()));
    }

    @Override
    public String description() {
        String negotiated = peer.negotiated();
        return "virtio-net over vhost-user" + (negotiated.isEmpty() ? "" : ", " + negotiated);
    }

    @Override
    public int rxQueues() {
        return queues.size();
    }

    @Override
    public int txQueues() {
        return queues.size();
    }

    @Override
    public synchronized RxQueue rx(int index) {
        checkOpen();
        return queues.rx(checkQueue(index, queues.size()));
    }

    @Override
    public synchronized TxQueue tx(int index) {
        checkOpen();
        return queues.tx(checkQueue(index, queues.size()));
    }

    @Override
    public LinkState link() {
        return peer.link();
    }

    @Override
    protected DeviceStatistics readStatistics() {
        return queues.statistics();
    }

    @Override
    protected void release() {
        queues.endSleep();
        peer.close();
        config.memory().detach(peer);
        queues.close();
    }
}
