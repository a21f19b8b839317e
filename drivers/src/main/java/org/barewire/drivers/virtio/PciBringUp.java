package org.barewire.drivers.virtio;

import static org.barewire.drivers.vhost.VirtioNet.F_ACCESS_PLATFORM;
import static org.barewire.drivers.vhost.VirtioNet.F_CSUM;
import static org.barewire.drivers.vhost.VirtioNet.F_CTRL_MAC_ADDR;
import static org.barewire.drivers.vhost.VirtioNet.F_CTRL_RX;
import static org.barewire.drivers.vhost.VirtioNet.F_CTRL_VLAN;
import static org.barewire.drivers.vhost.VirtioNet.F_CTRL_VQ;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_CSUM;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_TSO4;
import static org.barewire.drivers.vhost.VirtioNet.F_GUEST_TSO6;
import static org.barewire.drivers.vhost.VirtioNet.F_HOST_TSO4;
import static org.barewire.drivers.vhost.VirtioNet.F_HOST_TSO6;
import static org.barewire.drivers.vhost.VirtioNet.F_MAC;
import static org.barewire.drivers.vhost.VirtioNet.F_MQ;
import static org.barewire.drivers.vhost.VirtioNet.F_MRG_RXBUF;
import static org.barewire.drivers.vhost.VirtioNet.F_MTU;
import static org.barewire.drivers.vhost.VirtioNet.F_ORDER_PLATFORM;
import static org.barewire.drivers.vhost.VirtioNet.F_RING_PACKED;
import static org.barewire.drivers.vhost.VirtioNet.F_RSS;
import static org.barewire.drivers.vhost.VirtioNet.F_SPEED_DUPLEX;
import static org.barewire.drivers.vhost.VirtioNet.F_STATUS;

import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.EventFd;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.SoftPort;
import org.barewire.drivers.Undo;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/// Brings up a network device on PCI (virtio 1.2, sections 3.1.1 and 5.1.5).
final class PciBringUp {
    private static final long WANTED = F_MAC
            | F_STATUS
            | F_MTU
            | F_SPEED_DUPLEX
            | F_CTRL_VQ
            | F_CTRL_RX
            | F_CTRL_MAC_ADDR
            | F_ACCESS_PLATFORM
            | F_ORDER_PLATFORM;

    private final PciDevice device;
    private final DeviceConfig config;
    private final VirtioOptions options;
    private final List<Integer> vlans;
    private final Transport transport;
    private final QueuePairs queues;
    private long features;

    /// @param vlans  the only ones to receive; all if there are none here
    /// @param queues gets the pairs, with their rings
    PciBringUp(
            PciDevice device,
            DeviceConfig config,
            VirtioOptions options,
            List<Integer> vlans,
            Transport transport,
            QueuePairs queues) {
        this.device = device;
        this.config = config;
        this.options = options;
        this.vlans = vlans;
        this.transport = transport;
        this.queues = queues;
    }

    /// Undone by a reset of the device, and by closing what is returned.
    NetControl run() {
        transport.reset(); // 3.1.1, step 1
        transport.check();
        transport.addStatus(Transport.ACKNOWLEDGE);
        transport.addStatus(Transport.DRIVER);
        negotiate(); // steps 4 to 6
        NetConfig found = NetConfig.read(transport, features);
        checkDemands(found);
        device.setBusMaster(true);
        startPairs(interrupts()); // step 7
        ControlQueue queue = startControl(found);
        MacAddress own = found.address();
        MacAddress address = own == null ? SoftPort.localAddress(device.address()) : own;
        NetControl control = new NetControl(queue, transport, features, address);
        try (Undo undo = new Undo()) {
            undo.add(control::close);
            undo.add(transport::reset);
            transport.addStatus(Transport.DRIVER_OK); // step 8
            if (own == null) {
                control.setAddress(address);
            }
            configure(control, found);
            undo.forget();
        }
        return control;
    }

    long features() {
        return features;
    }

    private void negotiate() {
        long offered = transport.offered();
        long rss = config.queues() > 1 ? F_RSS : 0;
        features = agree(offered, options.wanted(config) | WANTED | rss | (vlans.isEmpty() ? 0 : F_CTRL_VLAN));
        if (device.isTranslated() && (features & F_ACCESS_PLATFORM) == 0) {
            throw new DeviceException("the device goes past the IOMMU (it has no ACCESS_PLATFORM), so that it would"
                    + " write where it must not. Have it use the IOMMU (QEMU: iommu_platform=on,disable-legacy=on),"
                    + " or start the machine without one");
        }
        transport.accept(features);
    }

    /// What both have, without what needs a feature that is missing (5.1.3.1). Packets that have not been cut
    /// are only taken in several buffers.
    private static long agree(long offered, long wanted) {
        long both = offered & wanted;
        if ((both & F_CTRL_VQ) == 0) {
            both &= ~(F_CTRL_RX | F_CTRL_VLAN | F_CTRL_MAC_ADDR | F_MQ | F_RSS);
        }
        if ((both & F_CSUM) == 0) {
            both &= ~(F_HOST_TSO4 | F_HOST_TSO6);
        }
        if ((both & F_GUEST_CSUM) == 0 || (both & F_MRG_RXBUF) == 0) {
            both &= ~(F_GUEST_TSO4 | F_GUEST_TSO6);
        }
        if (RxRing.isHeaderApart(both)) {
            both &= ~F_MRG_RXBUF;
        }
        return both;
    }

    /// What was asked for and can't be done without.
    private void checkDemands(NetConfig found) {
        if (found.pairs() < config.queues()) {
            throw new DeviceException("the device has %d pairs of queues, and %d are wanted; open it with ?queues=%d"
                    .formatted(found.pairs(), config.queues(), found.pairs()));
        }
        if (found.mtu() < config.mtu()) {
            throw new DeviceException("the device takes packets of %d bytes at most; open it with ?mtu=%d"
                    .formatted(found.mtu(), found.mtu()));
        }
        if (!vlans.isEmpty() && (features & F_CTRL_VLAN) == 0) {
            throw new DeviceException("the device has no filter for VLANs; open it without vlans");
        }
    }

    /// A vector for each receive queue, or null where the device can't have them; closed with the device.
    /// Then it must not interrupt at all: nobody would take that, least of all on a line that others share.
    private @Nullable Interrupts interrupts() {
        int command = device.config().read16(PciConfig.COMMAND);
        device.config().write16(PciConfig.COMMAND, command | PciConfig.COMMAND_INTX_DISABLE);
        boolean msix = device.config().capability(PciConfig.CAPABILITY_MSIX) != 0;
        return msix && device.interruptVectors() >= config.queues() ? device.interrupts(config.queues()) : null;
    }

    private void startPairs(@Nullable Interrupts interrupts) {
        boolean mergeable = (features & F_MRG_RXBUF) != 0;
        int slotSize = mergeable ? PacketPool.DEFAULT_SLOT_SIZE : PacketPool.slotSizeFor(config.maxFrameLength());
        int longest = config.maxFrameLength();
        for (int i = 0; i < config.queues(); i++) {
            int receives = 2 * i;
            int sends = 2 * i + 1;
            queues.add(config.poolSize() + ringSize(receives, options.rxSize()), slotSize);
            VirtioRxQueue in = queues.rx(i);
            Notifier notifier = transport.notifier(receives);
            RingLayout ring = allocate(receives, options.rxSize(), false);
            EventFd interrupt = interrupts == null ? null : interrupts.event(i);
            in.offer(RxRing.create(ring, features, in.pool(), longest, notifier, in.counters()), interrupt);
            if (interrupt != null) {
                transport.setVector(receives, i);
            }
            transport.start(receives, ring);
            VirtioTxQueue out = queues.tx(i);
            notifier = transport.notifier(sends);
            ring = allocate(sends, options.txSize(), true);
            out.offer(TxRing.create(ring, features, longest, notifier, out.counters()));
            transport.start(sends, ring);
        }
    }

    /// It comes after the pairs that the device has, whether they are used or not (5.1.2).
    private @Nullable ControlQueue startControl(NetConfig found) {
        if ((features & F_CTRL_VQ) == 0) {
            return null;
        }
        int index = 2 * found.pairs();
        Notifier notifier = transport.notifier(index);
        RingLayout ring = allocate(index, 64, false);
        ControlQueue queue = new ControlQueue(transport, config.memory(), config.numaNode(), ring, features, notifier);
        transport.start(index, ring);
        return queue;
    }

    private RingLayout allocate(int queue, int wanted, boolean sends) {
        boolean packed = (features & F_RING_PACKED) != 0;
        return RingLayout.allocate(
                config.memory(), config.numaNode(), packed, ringSize(queue, wanted), transport.alignment(), sends);
    }

    private int ringSize(int queue, int wanted) {
        int size = transport.ringSize(queue, wanted);
        if (size < 4) {
            throw new DeviceException("the device's queue %d has %d descriptors, too few".formatted(queue, size));
        }
        return size;
    }

    private void configure(NetControl control, NetConfig found) {
        if (found.rssTable() > 0) {
            control.setRss(config.rss(), config.queues(), found.rssTable(), found.rssHashTypes());
        } else if ((features & F_MQ) != 0) {
            control.setPairs(config.queues());
        }
        control.resetFilters();
        control.setVlans(vlans);
    }
}
