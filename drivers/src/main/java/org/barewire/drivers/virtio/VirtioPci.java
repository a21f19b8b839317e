package org.barewire.drivers.virtio;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.OptionReader;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Held;
import org.barewire.drivers.Port;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.vhost.VirtioNet;
import org.jspecify.annotations.Nullable;

/// A virtio network device on PCI, driven by polling, or by polling and sleeping. See docs/virtio-pci.md.
final class VirtioPci extends Port {
    private final PciDevice device;
    private final DeviceConfig config;
    private final Transport transport;
    private final long features;
    private final QueuePairs queues;
    private final NetControl control;
    private final boolean[] receives; // by pair: its receive queue has been asked for
    private @Nullable DeviceStatistics last; // once closed

    private VirtioPci(
            String name,
            PciDevice device,
            DeviceConfig config,
            Transport transport,
            long features,
            QueuePairs queues,
            NetControl control) {
        super(name, config.mtu());
        this.device = device;
        this.config = config;
        this.transport = transport;
        this.features = features;
        this.queues = queues;
        this.control = control;
        this.receives = new boolean[queues.size()];
    }

    /// Takes over a device, which is closed if it does not come up.
    static VirtioPci open(String name, PciDevice device, DeviceConfig config, Map<String, String> options) {
        try (Undo undo = new Undo()) {
            QueuePairs queues = new QueuePairs(config);
            undo.add(queues::close); // last: what the device can't reach any more
            undo.add(device::close);
            config.memory().attach(device.dma());
            undo.add(() -> config.memory().detach(device.dma()));
            Transport transport = Transport.of(device);
            undo.add(transport::reset);
            OptionReader given = new OptionReader(options);
            VirtioOptions rings = VirtioOptions.parse(given, config);
            PciBringUp bringUp = new PciBringUp(device, config, rings, vlans(given), transport, queues);
            NetControl control = bringUp.run();
            undo.forget();
            return new VirtioPci(name, device, config, transport, bringUp.features(), queues, control);
        } catch (DeviceException | LinuxException e) {
            throw new DeviceException("%s: %s".formatted(name, e.getMessage()), e);
        }
    }

    private static List<Integer> vlans(OptionReader given) {
        List<Integer> vlans = new ArrayList<>();
        for (String text : given.text("vlans", "").split(",", -1)) {
            if (!text.isEmpty()) {
                vlans.add(new OptionReader(Map.of("vlans", text)).number("vlans", 0, 0, 4094));
            }
        }
        return vlans;
    }

    @Override
    public String description() {
        String ring = (features & VirtioNet.F_RING_PACKED) != 0 ? "packed" : "split";
        return "virtio-net over PCI, %s, %s rings, features 0x%x".formatted(transport.kind(), ring, features);
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
        VirtioRxQueue queue = queues.rx(checkQueue(index, queues.size()));
        if (!receives[index]) {
            queue.fill();
            receives[index] = true;
        }
        return queue;
    }

    @Override
    public synchronized TxQueue tx(int index) {
        checkOpen();
        return queues.tx(checkQueue(index, queues.size()));
    }

    @Override
    public synchronized MacAddress macAddress() {
        checkOpen();
        return control.address();
    }

    @Override
    public synchronized void setMacAddress(MacAddress address) {
        tell(() -> control.setAddress(address));
    }

    @Override
    public synchronized void setPromiscuous(boolean on) {
        tell(() -> control.setPromiscuous(on));
    }

    @Override
    public synchronized void setAllMulticast(boolean on) {
        tell(() -> control.setAllMulticast(on));
    }

    @Override
    public synchronized void setMulticast(Collection<MacAddress> addresses) {
        tell(() -> control.setMulticast(addresses));
    }

    @Override
    public synchronized LinkState link() {
        checkOpen();
        String failure = transport.failure();
        if (failure != null) {
            return LinkState.down(failure);
        }
        if (!device.isPresent()) {
            return LinkState.removed("the device is gone: it has been unplugged");
        }
        if (device.isWantedBack()) {
            return LinkState.removed(Held.WANTED_BACK);
        }
        NetConfig now = NetConfig.read(transport, features);
        return now.linkUp() ? LinkState.up(now.bitsPerSecond()) : LinkState.down("the device says that it is down");
    }

    @Override
    public synchronized DeviceStatistics statistics() {
        return last == null ? queues.statistics() : last;
    }

    @Override
    public int numaNode() {
        return device.numaNode();
    }

    /// Every step is taken even if others fail. Memory goes last, when the device can't reach it any more.
    @Override
    public synchronized void close() {
        if (last != null) {
            return;
        }
        last = queues.statistics();
        Steps steps = new Steps();
        steps.take(queues::endSleep);
        steps.take(transport::reset);
        steps.take(() -> device.setBusMaster(false));
        steps.take(() -> config.memory().detach(device.dma()));
        steps.take(device::close);
        steps.take(control::close);
        steps.take(queues::close);
        steps.end();
    }

    private void tell(Runnable command) {
        checkOpen();
        try {
            command.run();
        } catch (DeviceException e) {
            throw new DeviceException("%s: %s".formatted(name(), e.getMessage()), e);
        }
    }

    @Override
    protected boolean isClosed() {
        return last != null;
    }
}
