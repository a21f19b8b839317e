package org.barewire.drivers.afxdp;

import java.util.Collection;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.Ethtool;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.NetInterface;
import org.barewire.core.linux.NetNamespace;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.XdpSocket;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Port;
import org.barewire.drivers.Undo;
import org.barewire.drivers.afxdp.AfxdpOptions.Attach;
import org.barewire.drivers.afxdp.AfxdpOptions.Mode;
import org.barewire.drivers.kernel.InterfaceFilter;
import org.barewire.drivers.kernel.InterfaceLink;
import org.jspecify.annotations.Nullable;

/// An interface of the kernel, shared with it over AF_XDP sockets. See docs/afxdp.md.
final class Afxdp extends Port {
    private static final int STANDARD_MTU = 1500;
    private static final int FRAME_OVERHEAD = 14 + 8; // Ethernet header, two VLAN tags
    private static final int CHUNK = 2048;
    private static final int LARGE_CHUNK = 4096;

    private final String name; // without options, for messages
    private final AfxdpOptions options;
    private final Undo undo;
    private final NetInterface device;
    private final int index;
    private final Ethtool.Driver driver;
    private final boolean scattered; // frames may not fit in one buffer
    private final InterfaceFilter filter;
    private final Channel[] channels;
    private final Redirect redirect;
    private @Nullable DeviceStatistics last; // when it was closed

    /// Takes its steps in the calling thread's network namespace.
    ///
    /// @param undo is told how to undo them, if one fails or when the port is closed
    private Afxdp(DeviceName openedAs, AfxdpOptions options, DeviceConfig config, NetInterface device, Undo undo) {
        super(openedAs.toString(), usableMtu(openedAs.device(), options, config.mtu(), device.mtu()));
        this.name = openedAs.device();
        this.options = options;
        this.undo = undo;
        this.device = device;
        this.index = device.index();
        this.driver = Ethtool.driver(device);
        int room = device.mtu() + FRAME_OVERHEAD + XdpSocket.PACKET_HEADROOM;
        this.scattered = room > LARGE_CHUNK;
        this.filter = new InterfaceFilter(index, new MacAddress(device.macAddress()));
        undo.add(filter::close);
        DeviceConfig near = config.withNumaNode(numaNode());
        this.channels = new Channel[config.queues()];
        for (int queue = 0; queue < channels.length; queue++) {
            channels[queue] = new Channel(near, room > CHUNK ? LARGE_CHUNK : CHUNK, mtu() + FRAME_OVERHEAD);
            undo.add(channels[queue]::close);
        }
        int queues = Ethtool.channels(device).rx();
        this.redirect = new Redirect(options.device(), index, options.match(), options.attach(), queues, scattered);
        undo.add(redirect::close);
    }

    static Afxdp open(DeviceName name, DeviceConfig config) {
        AfxdpOptions options = AfxdpOptions.of(name);
        Requirements.checkProcess(name.device(), config);
        try {
            return NetNamespace.call(options.namespace(), () -> open(name, options, config));
        } catch (LinuxException e) {
            throw new DeviceException("%s: %s".formatted(name.device(), e.getMessage()), e);
        }
    }

    private static Afxdp open(DeviceName name, AfxdpOptions options, DeviceConfig config) {
        Undo undo = new Undo();
        try {
            NetInterface device = NetInterface.open(options.device(), "");
            undo.add(device::close);
            Requirements.checkInterface(name.device(), options, config, device, Ethtool.channels(device));
            return new Afxdp(name, options, config, device, undo);
        } catch (RuntimeException e) {
            undo.close();
            throw e;
        }
    }

    private static int usableMtu(String name, AfxdpOptions options, int wanted, int deviceMtu) {
        if (wanted > Math.max(deviceMtu, STANDARD_MTU)) {
            throw new DeviceException("%s: mtu=%d is more than the interface's %d: ip link set %s mtu %d"
                    .formatted(name, wanted, deviceMtu, options.device(), wanted));
        }
        return Math.min(wanted, deviceMtu);
    }

    @Override
    public synchronized String description() {
        String attached = redirect.attached() == Attach.NATIVE ? "native" : "generic";
        String mode = last != null ? "" : channels[0].mode();
        return "AF_XDP on %s, driver %s, %s XDP%s"
                .formatted(options.device(), driver.nameForPeople(), attached, mode.isEmpty() ? "" : ", " + mode);
    }

    @Override
    public int rxQueues() {
        return channels.length;
    }

    @Override
    public int txQueues() {
        return channels.length;
    }

    @Override
    public synchronized RxQueue rx(int queue) {
        Channel channel = channel(queue);
        QueueSocket socket = socket(channel, queue);
        AfxdpRxQueue rx = channel.rx();
        AfxdpRxQueue started = rx != null ? rx : channel.startRx(socket);
        try {
            redirect.to(queue, socket.rings().fd());
        } catch (LinuxException e) {
            throw new DeviceException("%s, queue %d gets no packets: %s".formatted(name, queue, e.getMessage()), e);
        }
        return started;
    }

    @Override
    public synchronized TxQueue tx(int queue) {
        Channel channel = channel(queue);
        AfxdpTxQueue tx = channel.tx();
        return tx != null ? tx : channel.startTx(socket(channel, queue));
    }

    private Channel channel(int queue) {
        checkOpen();
        return channels[checkQueue(queue, channels.length)];
    }

    /// The queue's socket, made if there is none yet.
    private QueueSocket socket(Channel channel, int queue) {
        QueueSocket socket = channel.socket();
        if (socket != null) {
            return socket;
        }
        Mode mode = redirect.attached() == Attach.GENERIC ? Mode.COPY : options.mode();
        if (mode != options.mode() && options.mode() == Mode.ZEROCOPY) {
            throw new DeviceException(name + ": its driver runs no XDP programs, so there is no zero-copy: mode=auto");
        }
        int flags = mode.bindFlags | XdpSocket.USE_NEED_WAKEUP | (scattered ? XdpSocket.SCATTER_GATHER : 0);
        try {
            return channel.bind(NetNamespace.call(options.namespace(), XdpSocket::open), index, queue, flags);
        } catch (LinuxException e) {
            throw new DeviceException("%s, queue %d: %s. %s".formatted(name, queue, e.getMessage(), cure(e, mode)), e);
        }
    }

    private String cure(LinuxException failure, Mode mode) {
        return switch (failure.errno()) {
            case Errno.EBUSY -> "Another AF_XDP socket has that queue: use one less, or end the program that has it";
            case Errno.ENOBUFS ->
                "More memory is needed than the process may lock: ulimit -l unlimited, or grant CAP_IPC_LOCK";
            case Errno.ENETDOWN -> "The interface is down: ip link set %s up".formatted(options.device());
            case Errno.EINVAL, Errno.EOPNOTSUPP ->
                mode == Mode.ZEROCOPY
                        ? "Driver '%s' may have no zero-copy: mode=auto".formatted(driver.nameForPeople())
                        : "Driver '%s' or this kernel may not have AF_XDP with this MTU: ip link set %s mtu %d"
                                .formatted(driver.nameForPeople(), options.device(), STANDARD_MTU);
            default -> "'barewire doctor %s' may tell more".formatted(name);
        };
    }

    @Override
    public synchronized MacAddress macAddress() {
        return filter.address();
    }

    /// The interface receives for this address and still for its own, which the kernel goes on using.
    @Override
    public synchronized void setMacAddress(MacAddress address) {
        checkOpen();
        filter.setAddress(address);
    }

    @Override
    public synchronized void setPromiscuous(boolean on) {
        checkOpen();
        filter.setPromiscuous(on);
    }

    @Override
    public synchronized void setAllMulticast(boolean on) {
        checkOpen();
        filter.setAllMulticast(on);
    }

    @Override
    public synchronized void setMulticast(Collection<MacAddress> addresses) {
        checkOpen();
        filter.setMulticast(addresses);
    }

    @Override
    public synchronized LinkState link() {
        if (last != null) {
            return LinkState.down("the port is closed");
        }
        return InterfaceLink.of(device, index, device.bitsPerSecond());
    }

    @Override
    public synchronized DeviceStatistics statistics() {
        return last != null ? last : AfxdpStatistics.of(channels);
    }

    @Override
    public int numaNode() {
        return Numa.nodeOfDevice(driver.bus());
    }

    @Override
    public synchronized void close() {
        if (last == null) {
            last = AfxdpStatistics.of(channels);
            undo.close();
        }
    }

    @Override
    protected boolean isClosed() {
        return last != null;
    }
}
