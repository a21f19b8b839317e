package org.barewire.drivers.igb;

import java.time.Duration;
import java.util.Collection;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Held;
import org.barewire.drivers.Port;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.barewire.drivers.intel.IntelRxQueue;
import org.barewire.drivers.intel.IntelTxQueue;
import org.barewire.drivers.intel.QueueInterrupt;
import org.barewire.drivers.intel.StatisticsReader;
import org.barewire.drivers.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/// A 1 Gbit/s card of Intel's, or a virtual function of one, driven by polling, or by polling and sleeping.
/// See docs/igb.md.
final class Igb extends Port {
    private final IgbModel model;
    private final PciDevice device;
    private final DeviceConfig config;
    private final Registers registers;
    private final Nic nic;
    private final QueueStarter starter;
    private final @Nullable Vectors vectors;
    private final @Nullable QueueInterrupt linkChange;
    private final @Nullable IntelRxQueue[] rx;
    private final @Nullable IntelTxQueue[] tx;
    private boolean receiving;
    private boolean promiscuous;
    private boolean allMulticast;
    private DeviceStatistics last; // that could be read
    private boolean closed;

    private Igb(String name, IgbModel model, PciDevice device, DeviceConfig config) {
        super(name, config.mtu());
        this.model = model;
        this.device = device;
        this.config = config;
        this.registers = device.bar(0).registers();
        this.nic = model.chip() == IgbModel.Chip.VIRTUAL
                ? new VirtualNic(name, registers, config)
                : new PhysicalNic(name, model.chip(), registers, config);
        this.starter = new QueueStarter(name, model.chip(), registers, config);
        this.rx = new @Nullable IntelRxQueue[config.queues()];
        this.tx = new @Nullable IntelTxQueue[config.queues()];
        nic.bringUp();
        this.vectors = Vectors.open(model.chip(), device, registers, config.queues());
        this.linkChange = vectors == null ? null : vectors.connectLink(config.queues());
        device.setBusMaster(true); // not before the reset: what was there may still know memory of others
        this.last = nic.statistics(0);
    }

    /// Takes over a device: resets it, brings its link up, leaves its queues stopped.
    ///
    /// @throws DeviceException if it does not come up; it has been given back then
    static Igb open(String name, IgbModel model, PciDevice device, DeviceConfig config) {
        try (Undo undo = new Undo()) {
            undo.add(device::close);
            checkConfig(name, model, config);
            config.memory().attach(device.dma());
            undo.add(() -> config.memory().detach(device.dma()));
            Igb opened = new Igb(name, model, device, config);
            StatisticsReader.add(opened);
            undo.forget();
            return opened;
        }
    }

    private static void checkConfig(String name, IgbModel model, DeviceConfig config) {
        int queues = model.chip().queues();
        if (config.queues() > queues) {
            throw new DeviceException("%s, an %s, has %d %s each way, not %d; open it with ?queues=%d"
                    .formatted(name, model, queues, queues == 1 ? "queue" : "queues", config.queues(), queues));
        }
        int overhead = config.maxFrameLength() - config.mtu() + PhysicalNic.FCS;
        if (config.mtu() + overhead > model.chip().longestFrame()) {
            int largest = model.chip().longestFrame() - overhead;
            throw new DeviceException("%s, an %s, can't have an MTU of %d; open it with ?mtu=%d or less"
                    .formatted(name, model, config.mtu(), largest));
        }
    }

    @Override
    public String description() {
        return model.chip().family() + " " + model;
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
    public synchronized RxQueue rx(int index) {
        checkOpen();
        IntelRxQueue queue = rx[checkQueue(index, rx.length)];
        if (queue == null) {
            queue = starter.startRx(index);
            if (vectors != null) {
                queue.wakeBy(vectors.connect(index));
            }
            rx[index] = queue;
        }
        if (!receiving) {
            nic.setReceiving(true);
            receiving = true;
        }
        return queue;
    }

    @Override
    public synchronized TxQueue tx(int index) {
        checkOpen();
        IntelTxQueue queue = tx[checkQueue(index, tx.length)];
        if (queue == null) {
            queue = starter.startTx(index);
            tx[index] = queue;
        }
        return queue;
    }

    @Override
    public synchronized MacAddress macAddress() {
        checkOpen();
        return nic.address();
    }

    @Override
    public synchronized void setMacAddress(MacAddress address) {
        checkOpen();
        nic.setAddress(address);
    }

    @Override
    public synchronized void setPromiscuous(boolean on) {
        checkOpen();
        nic.setPromiscuous(allMulticast, on);
        promiscuous = on;
    }

    @Override
    public synchronized void setAllMulticast(boolean on) {
        checkOpen();
        nic.setPromiscuous(on, promiscuous);
        allMulticast = on;
    }

    @Override
    public synchronized void setMulticast(Collection<MacAddress> addresses) {
        checkOpen();
        nic.setMulticast(addresses);
    }

    @Override
    public synchronized LinkState link() {
        checkOpen();
        if (isGone()) {
            return LinkState.removed("the device is gone: it has been unplugged");
        }
        return device.isWantedBack() ? LinkState.removed(Held.WANTED_BACK) : nic.link();
    }

    @Override
    public LinkState awaitLinkChange(LinkState known, Duration timeout) {
        return linkChange == null
                ? super.awaitLinkChange(known, timeout)
                : linkChange.awaitLinkChange(this, known, timeout);
    }

    @Override
    public synchronized void blink(boolean on) {
        checkOpen();
        nic.blink(on);
    }

    @Override
    public synchronized DeviceStatistics statistics() {
        if (!closed && !isGone()) {
            last = nic.statistics(sendErrors());
        }
        return last;
    }

    /// What was pulled out reads as all ones, of which many bits are reserved in this register, or as zeros
    /// on QEMU. A card that the kernel was only told to forget is no longer present, either, and yet goes on.
    private boolean isGone() {
        int status = registers.read32(Reg.STATUS);
        return status == -1 || status == 0 && !device.isPresent();
    }

    private long sendErrors() {
        long errors = 0;
        for (IntelTxQueue queue : tx) {
            errors += queue == null ? 0 : queue.statistics().errors();
        }
        return errors;
    }

    @Override
    public int numaNode() {
        return device.numaNode();
    }

    /// Every step is taken even if others fail. Memory goes last, when the device can't reach it any more.
    @Override
    public void close() {
        StatisticsReader.remove(this);
        if (closes()) {
            Steps steps = new Steps();
            stop(steps);
            steps.take(() -> config.memory().detach(device.dma()));
            if (vectors != null) {
                steps.take(vectors::close);
            }
            steps.take(device::close);
            starter.free(rx, tx, steps);
            steps.end();
        }
    }

    private synchronized boolean closes() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    private synchronized void stop(Steps steps) {
        if (isGone()) {
            return;
        }
        steps.take(() -> nic.setReceiving(false));
        starter.stop(rx, tx, steps);
        steps.take(() -> last = nic.statistics(sendErrors())); // before the reset clears what the device counted
        steps.take(nic::shutDown);
    }

    @Override
    protected boolean isClosed() {
        return closed;
    }
}
