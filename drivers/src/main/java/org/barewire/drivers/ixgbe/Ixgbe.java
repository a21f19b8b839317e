package org.barewire.drivers.ixgbe;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.Relay;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.DmaMapper;
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
import org.barewire.drivers.pci.Interrupts;
import org.jspecify.annotations.Nullable;

/// An 82599, X540 or X550, driven by polling, or by polling and sleeping. See docs/ixgbe.md.
public final class Ixgbe extends Port {
    private static final int LED_BLINKS = 0x8E8E_8E8E; // each of the four LEDs on, and blinking (8.2.3.1.7)

    private final IxgbeModel model;
    private final Registers registers;
    private final DmaMapper dma;
    private final DeviceConfig config;
    private final @Nullable Vectors vectors;
    private final @Nullable QueueInterrupt linkChange;
    private final Held held;
    private final BringUp bringUp;
    private final Filters filters;
    private final QueueStarter starter;
    private final IxgbeStatistics statistics;
    private final @Nullable IntelRxQueue[] rx;
    private final @Nullable IntelTxQueue[] tx;
    private final boolean[] rxTaken; // by a queue or a relay
    private final boolean[] txTaken;
    private final List<IxgbeRelay> relays = new ArrayList<>();
    private boolean receiving;
    private boolean promiscuous;
    private boolean allMulticast;
    private int ledsBefore;
    private boolean blinking;
    private boolean closed;

    private Ixgbe(
            String name,
            IxgbeModel model,
            Registers registers,
            DmaMapper dma,
            @Nullable Interrupts interrupts,
            DeviceConfig config,
            Held held) {
        super(name, config.mtu());
        this.model = model;
        this.registers = registers;
        this.dma = dma;
        this.config = config;
        this.vectors = interrupts == null ? null : new Vectors(registers, interrupts);
        this.held = held;
        this.bringUp = new BringUp(name, model, registers, config);
        this.filters = new Filters(registers);
        this.starter = new QueueStarter(name, registers, config);
        this.rx = new @Nullable IntelRxQueue[config.queues()];
        this.tx = new @Nullable IntelTxQueue[config.queues()];
        this.rxTaken = new boolean[config.queues()];
        this.txTaken = new boolean[config.queues()];
        bringUp.run();
        if (vectors != null) {
            vectors.setUp();
        }
        this.linkChange = vectors == null ? null : vectors.connectLink(config.queues());
        this.statistics = new IxgbeStatistics(registers, this::sendErrors);
    }

    /// Takes over a device without interrupts; the other `open` says more.
    public static Ixgbe open(
            String name, IxgbeModel model, Registers registers, DmaMapper dma, DeviceConfig config, Held held) {
        return open(name, model, registers, dma, null, config, held);
    }

    /// Takes over a device: resets it, brings its link up, leaves its queues stopped.
    ///
    /// @param registers  its BAR 0
    /// @param dma        maps packet memory for it
    /// @param interrupts one of MSI-X for each receive queue, and one more for the link if there is one
    ///     left; or null if there is none; closed before `held`
    /// @param held       gives it back to where it was taken from; closed once, when the device is closed or
    ///     could not be opened, after DMA has stopped
    /// @throws DeviceException if it does not come up; it has been released then
    public static Ixgbe open(
            String name,
            IxgbeModel model,
            Registers registers,
            DmaMapper dma,
            @Nullable Interrupts interrupts,
            DeviceConfig config,
            Held held) {
        try (Undo undo = new Undo()) {
            undo.add(held::close);
            if (interrupts != null) {
                undo.add(interrupts::close);
            }
            config.memory().attach(dma);
            undo.add(() -> config.memory().detach(dma));
            Ixgbe device = new Ixgbe(name, model, registers, dma, interrupts, config, held);
            StatisticsReader.add(device);
            undo.forget();
            return device;
        }
    }

    @Override
    public String description() {
        return "ixgbe " + model;
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
            checkFree(rxTaken, index, "receive");
            WarmUp.once(registers);
            queue = starter.startRx(index);
            if (vectors != null) {
                queue.wakeBy(vectors.connect(index));
            }
            rx[index] = queue;
            rxTaken[index] = true;
        }
        startReceiving();
        return queue;
    }

    @Override
    public synchronized TxQueue tx(int index) {
        checkOpen();
        IntelTxQueue queue = tx[checkQueue(index, tx.length)];
        if (queue == null) {
            checkFree(txTaken, index, "send");
            WarmUp.once(registers);
            queue = starter.startTx(index);
            tx[index] = queue;
            txTaken[index] = true;
        }
        return queue;
    }

    /// In place if all outputs are devices of this driver on the same packet memory.
    @Override
    public Relay relay(int rxQueue, List<? extends NetDevice> outputs, int txQueue, PacketHandler handler) {
        boolean possible = !outputs.isEmpty()
                && outputs.size() <= Relay.MAX_OUTPUTS
                && outputs.stream().distinct().count() == outputs.size()
                && outputs.stream().allMatch(o -> o instanceof Ixgbe other && other.config.memory() == config.memory());
        if (!possible) {
            return super.relay(rxQueue, outputs, txQueue, handler);
        }
        List<Ixgbe> devices = outputs.stream().map(Ixgbe.class::cast).toList();
        return openRelay(rxQueue, devices, txQueue, handler);
    }

    private synchronized IxgbeRelay openRelay(int rxQueue, List<Ixgbe> outputs, int txQueue, PacketHandler handler) {
        checkOpen();
        checkFree(rxTaken, checkQueue(rxQueue, rx.length), "receive");
        for (Ixgbe output : outputs) {
            output.checkOpen();
            output.checkFree(output.txTaken, output.checkQueue(txQueue, output.tx.length), "send");
        }
        WarmUp.once(registers);
        List<QueueStarter> starters = outputs.stream().map(o -> o.starter).toList();
        try (Undo undo = new Undo()) {
            IxgbeRelay relay = starter.startRelay(
                    rxQueue,
                    starters,
                    txQueue,
                    handler,
                    stopped -> joinRelay(stopped, rxQueue, outputs, txQueue, false));
            undo.add(relay::close);
            joinRelay(relay, rxQueue, outputs, txQueue, true);
            startReceiving();
            undo.forget();
            return relay;
        }
    }

    /// Notes on every device of a relay that its queues are in use, or are not any more. Whichever is closed
    /// first closes the relay.
    private void joinRelay(IxgbeRelay relay, int rxQueue, List<Ixgbe> outputs, int txQueue, boolean on) {
        rxTaken[rxQueue] = on;
        Set<Ixgbe> devices = new HashSet<>(outputs);
        devices.forEach(output -> output.txTaken[txQueue] = on);
        devices.add(this);
        devices.forEach(device -> {
            if (on) {
                device.relays.add(relay);
            } else {
                device.relays.remove(relay);
            }
        });
    }

    private void checkFree(boolean[] taken, int queue, String kind) {
        if (taken[queue]) {
            throw new DeviceException("%s: %s queue %d is in use by a relay or a queue".formatted(name(), kind, queue));
        }
    }

    private void startReceiving() {
        if (!receiving) {
            bringUp.enableReceiver();
            receiving = true;
        }
    }

    @Override
    public synchronized MacAddress macAddress() {
        checkOpen();
        return filters.address();
    }

    @Override
    public synchronized void setMacAddress(MacAddress address) {
        checkOpen();
        filters.setAddress(address);
    }

    @Override
    public synchronized void setPromiscuous(boolean on) {
        checkOpen();
        promiscuous = on;
        applyPromiscuous();
    }

    @Override
    public synchronized void setAllMulticast(boolean on) {
        checkOpen();
        allMulticast = on;
        applyPromiscuous();
    }

    /// FCTRL may change only while the receiver is off (8.2.3.7.1).
    private void applyPromiscuous() {
        bringUp.disableReceiver();
        receiving = false;
        filters.setPromiscuous(allMulticast, promiscuous);
        if (isReceiverInUse()) {
            startReceiving();
        }
    }

    private boolean isReceiverInUse() {
        boolean used = false;
        for (boolean taken : rxTaken) {
            used |= taken;
        }
        return used;
    }

    @Override
    public synchronized void setMulticast(Collection<MacAddress> addresses) {
        checkOpen();
        filters.setMulticast(addresses);
    }

    @Override
    public synchronized LinkState link() {
        checkOpen();
        int links = registers.read32(Reg.LINKS);
        if (isGone()) {
            return LinkState.removed(
                    "the device does not answer: it was removed, or the process that plays it has ended");
        }
        if (held.isWantedBack()) {
            return LinkState.removed(Held.WANTED_BACK);
        }
        if ((links & Reg.LINKS_UP) == 0) {
            boolean noModule =
                    model.media() == IxgbeModel.Media.SFP && (registers.read32(Reg.ESDP) & Reg.ESDP_SDP2_DATA) == 0;
            return LinkState.down(
                    noModule ? "there is no SFP+ module in the cage" : "nothing answers at the other end");
        }
        return LinkState.up(
                switch (links & Reg.LINKS_SPEED) {
                    case Reg.LINKS_SPEED_10G -> 10_000_000_000L;
                    case Reg.LINKS_SPEED_1G -> 1_000_000_000L;
                    case Reg.LINKS_SPEED_100M -> 100_000_000L;
                    default -> 0;
                });
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
        if (!on) {
            restoreLamps();
        } else if (!blinking) {
            ledsBefore = registers.read32(Reg.LEDCTL);
            registers.write32(Reg.LEDCTL, LED_BLINKS);
            blinking = true;
        }
    }

    private void restoreLamps() {
        if (blinking) {
            registers.write32(Reg.LEDCTL, ledsBefore);
            blinking = false;
        }
    }

    @Override
    public synchronized DeviceStatistics statistics() {
        return closed || isGone() ? statistics.last() : statistics.read();
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
        return config.numaNode();
    }

    /// Every step is taken even if others fail. Memory goes last, when the device can't reach it any more.
    @Override
    public void close() {
        StatisticsReader.remove(this);
        if (closes()) {
            Steps steps = new Steps();
            stop(steps);
            steps.take(() -> config.memory().detach(dma));
            if (vectors != null) {
                steps.take(vectors::close);
            }
            steps.take(held::close);
            starter.free(rx, tx, steps);
            steps.end();
        }
    }

    private synchronized boolean closes() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    /// What was pulled out, or whose process has ended, reads as all ones: of this register many bits are
    /// reserved.
    private boolean isGone() {
        return registers.read32(Reg.STATUS) == -1;
    }

    private synchronized void stop(Steps steps) {
        if (isGone()) {
            List.copyOf(relays).forEach(relay -> steps.take(relay::close));
            return;
        }
        steps.take(this::restoreLamps);
        steps.take(bringUp::disableReceiver);
        List.copyOf(relays).forEach(relay -> steps.take(relay::close));
        starter.stop(rx, tx, steps);
        steps.take(statistics::read); // with what left while the queues stopped, and before the reset clears it
        steps.take(bringUp::shutDown);
    }

    @Override
    protected boolean isClosed() {
        return closed;
    }
}
