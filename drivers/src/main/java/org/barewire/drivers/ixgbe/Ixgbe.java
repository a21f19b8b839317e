package org.barewire.drivers.ixgbe;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.Relay;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Held;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.barewire.drivers.intel.IntelPort;
import org.barewire.drivers.intel.StatisticsReader;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.Throttle;
import org.jspecify.annotations.Nullable;

/// An 82599, X540 or X550, driven by polling, or by polling and sleeping. See docs/ixgbe.md.
public final class Ixgbe extends IntelPort {
    /// The longest {@link Throttle}, in microseconds (8.2.3.5.12).
    public static final int LONGEST_THROTTLE = 2 * (Reg.EITR_INTERVAL >> Reg.EITR_INTERVAL_SHIFT);

    private static final int LED_BLINKS = 0x8E8E_8E8E; // each of the four LEDs on, and blinking (8.2.3.1.7)

    private final IxgbeModel model;
    private final Registers registers;
    private final BringUp bringUp;
    private final Filters filters;
    private final QueueStarter starter;
    private final IxgbeStatistics statistics;
    private final boolean[] rxRelayed; // queues that relays have
    private final boolean[] txRelayed;
    private final List<IxgbeRelay> relays = new ArrayList<>();
    private int ledsBefore;
    private boolean blinking;

    private Ixgbe(
            String name,
            IxgbeModel model,
            Registers registers,
            DmaMapper dma,
            @Nullable Interrupts interrupts,
            Throttle throttle,
            DeviceConfig config,
            Held held) {
        QueueStarter starter = new QueueStarter(name, registers, config);
        super(name, config, dma, held, starter);
        this.model = model;
        this.registers = registers;
        this.bringUp = new BringUp(name, model, registers, config);
        this.filters = new Filters(registers);
        this.starter = starter;
        this.rxRelayed = new boolean[config.queues()];
        this.txRelayed = new boolean[config.queues()];
        bringUp.run();
        interruptBy(interrupts == null ? null : new Vectors(registers, interrupts, throttle));
        this.statistics = new IxgbeStatistics(registers);
    }

    /// Takes over a device without interrupts; the other `open` says more.
    public static Ixgbe open(
            String name, IxgbeModel model, Registers registers, DmaMapper dma, DeviceConfig config, Held held) {
        return open(name, model, registers, dma, null, Throttle.STANDARD, config, held);
    }

    /// Takes over a device: resets it, brings its link up, leaves its queues stopped.
    ///
    /// @param registers  its BAR 0
    /// @param dma        maps packet memory for it
    /// @param interrupts one of MSI-X for each receive queue, and one more for the link if there is one
    ///     left; or null if there is none; closed before `held`
    /// @param throttle   of these, up to {@link #LONGEST_THROTTLE}
    /// @param held       gives it back to where it was taken from; closed once, when the device is closed or
    ///     could not be opened, after DMA has stopped
    /// @throws DeviceException if it does not come up; it has been released then
    public static Ixgbe open(
            String name,
            IxgbeModel model,
            Registers registers,
            DmaMapper dma,
            @Nullable Interrupts interrupts,
            Throttle throttle,
            DeviceConfig config,
            Held held) {
        try (Undo undo = new Undo()) {
            undo.add(held::close);
            if (interrupts != null) {
                undo.add(interrupts::close);
            }
            config.memory().attach(dma);
            undo.add(() -> config.memory().detach(dma));
            Ixgbe device = new Ixgbe(name, model, registers, dma, interrupts, throttle, config, held);
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
    protected void beforeRx(int queue) {
        checkRxFree(queue);
        WarmUp.once(registers);
    }

    @Override
    protected void beforeTx(int queue) {
        checkTxFree(queue);
        WarmUp.once(registers);
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
        checkRxFree(checkQueue(rxQueue, rxQueues()));
        for (Ixgbe output : outputs) {
            output.checkOpen();
            output.checkTxFree(output.checkQueue(txQueue, output.txQueues()));
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
        rxRelayed[rxQueue] = on;
        Set<Ixgbe> devices = new HashSet<>(outputs);
        devices.forEach(output -> output.txRelayed[txQueue] = on);
        devices.add(this);
        devices.forEach(device -> {
            if (on) {
                device.relays.add(relay);
            } else {
                device.relays.remove(relay);
            }
        });
    }

    private void checkRxFree(int queue) {
        checkFree("receive", queue, rxRelayed[queue] || isRxStarted(queue));
    }

    private void checkTxFree(int queue) {
        checkFree("send", queue, txRelayed[queue] || isTxStarted(queue));
    }

    private void checkFree(String kind, int queue, boolean used) {
        if (used) {
            throw new DeviceException("%s: %s queue %d is in use by a relay or a queue".formatted(name(), kind, queue));
        }
    }

    @Override
    protected void enableReceiver(boolean on) {
        if (on) {
            bringUp.enableReceiver();
        } else {
            bringUp.disableReceiver();
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

    /// FCTRL may change only while the receiver is off (8.2.3.7.1).
    @Override
    protected void receiveAll(boolean multicast, boolean all) {
        stopReceiving();
        filters.setPromiscuous(multicast, all);
        if (isReceiverInUse()) {
            startReceiving();
        }
    }

    private boolean isReceiverInUse() {
        return IntStream.range(0, rxQueues()).anyMatch(queue -> rxRelayed[queue] || isRxStarted(queue));
    }

    @Override
    public synchronized void setMulticast(Collection<MacAddress> addresses) {
        checkOpen();
        filters.setMulticast(addresses);
    }

    @Override
    protected LinkState readLink() {
        int links = registers.read32(Reg.LINKS);
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
    protected DeviceStatistics readStatistics(long txErrors) {
        return statistics.read(txErrors);
    }

    /// What does not answer reads as all ones: of this register many bits are reserved.
    @Override
    protected boolean isGone() {
        return registers.read32(Reg.STATUS) == -1;
    }

    @Override
    protected void stopOthers(Steps steps) {
        List.copyOf(relays).forEach(relay -> steps.take(relay::close));
    }

    @Override
    protected void shutDown(Steps steps) {
        steps.take(this::restoreLamps);
        steps.take(bringUp::shutDown);
    }
}
