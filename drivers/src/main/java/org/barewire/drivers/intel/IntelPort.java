package org.barewire.drivers.intel;

import java.time.Duration;
import java.util.Map;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.DmaMapper;
import org.barewire.drivers.Held;
import org.barewire.drivers.Port;
import org.barewire.drivers.Steps;
import org.jspecify.annotations.Nullable;

/// What the drivers of Intel's cards share: queues that start when they are first asked for, and the order in
/// which everything ends. A driver adds what its registers are.
///
/// The object's lock is held while a protected method is called. Public ones that a driver adds take it.
public abstract class IntelPort extends Port {
    private static final DeviceStatistics NOTHING = new DeviceStatistics(0, 0, 0, 0, 0, 0, 0, Map.of());

    /// What the device was opened with.
    protected final DeviceConfig config;

    private final DmaMapper dma;
    private final Held held;
    private final IntelQueueStarter starter;
    private final @Nullable IntelRxQueue[] rx; // what is in here, and all that can change, is guarded by this
    private final @Nullable IntelTxQueue[] tx;
    private @Nullable CardInterrupts interrupts; // this and the next are set before anybody has the device
    private @Nullable CardInterrupt linkChange;
    private DeviceStatistics last = NOTHING; // that could be read
    private boolean receiving;
    private boolean promiscuous;
    private boolean allMulticast;
    private boolean closed;

    /// A device that has not come up yet.
    ///
    /// @param dma  maps packet memory for it, and has been attached to `config`'s; detached when it is closed
    /// @param held closed last
    protected IntelPort(String name, DeviceConfig config, DmaMapper dma, Held held, IntelQueueStarter starter) {
        super(name, config.mtu());
        this.config = config;
        this.dma = dma;
        this.held = held;
        this.starter = starter;
        this.rx = new @Nullable IntelRxQueue[config.queues()];
        this.tx = new @Nullable IntelTxQueue[config.queues()];
    }

    /// Has queues and the link interrupt, if the device can. Called once, when it has come up.
    ///
    /// @param interrupts closed with the device
    protected final void interruptBy(@Nullable CardInterrupts interrupts) {
        this.interrupts = interrupts;
        this.linkChange = interrupts == null ? null : interrupts.connectLink(config.queues());
    }

    /// Lets frames in, or no more.
    protected abstract void enableReceiver(boolean on);

    /// Receives, beside what the filters let pass, all multicast frames, or all frames at all.
    protected abstract void receiveAll(boolean multicast, boolean all);

    /// The link, as the device's registers have it.
    protected abstract LinkState readLink();

    /// Reads the device's counters and returns their sums.
    ///
    /// @param txErrors packets that the send queues could not send, which the device never sees
    protected abstract DeviceStatistics readStatistics(long txErrors);

    /// Whether it was pulled out, or the process that plays it has ended.
    protected abstract boolean isGone();

    /// Leaves the device quiet: no DMA, no interrupt, others told.
    protected abstract void shutDown(Steps steps);

    /// Called before a receive queue is started, to refuse it or to make ready.
    protected void beforeRx(int queue) {}

    /// Called before a send queue is started, to refuse it or to make ready.
    protected void beforeTx(int queue) {}

    /// Ends what uses queues beside those that this class knows, whether the device is gone or not.
    protected void stopOthers(Steps steps) {}

    @Override
    public final int rxQueues() {
        return rx.length;
    }

    @Override
    public final int txQueues() {
        return tx.length;
    }

    @Override
    public final synchronized RxQueue rx(int index) {
        checkOpen();
        IntelRxQueue queue = rx[checkQueue(index, rx.length)];
        if (queue == null) {
            beforeRx(index);
            CardInterrupt wakes = interrupts == null ? null : interrupts.connect(index);
            queue = starter.startRx(index);
            if (wakes != null) {
                queue.wakeBy(wakes);
            }
            rx[index] = queue;
        }
        startReceiving();
        return queue;
    }

    @Override
    public final synchronized TxQueue tx(int index) {
        checkOpen();
        IntelTxQueue queue = tx[checkQueue(index, tx.length)];
        if (queue == null) {
            beforeTx(index);
            queue = starter.startTx(index);
            tx[index] = queue;
        }
        return queue;
    }

    /// Whether a receive queue has been started.
    protected final boolean isRxStarted(int index) {
        return rx[index] != null;
    }

    /// Whether a send queue has been started.
    protected final boolean isTxStarted(int index) {
        return tx[index] != null;
    }

    /// Lets frames in, unless they already are.
    protected final void startReceiving() {
        if (!receiving) {
            enableReceiver(true);
            receiving = true;
        }
    }

    /// Lets no more frames in, until {@link #startReceiving}.
    protected final void stopReceiving() {
        enableReceiver(false);
        receiving = false;
    }

    @Override
    public final synchronized void setPromiscuous(boolean on) {
        checkOpen();
        receiveAll(allMulticast, on);
        promiscuous = on;
    }

    @Override
    public final synchronized void setAllMulticast(boolean on) {
        checkOpen();
        receiveAll(on, promiscuous);
        allMulticast = on;
    }

    @Override
    public final synchronized LinkState link() {
        checkOpen();
        LinkState read = readLink(); // first: what is pulled out meanwhile reads as a link that is up
        if (isGone()) {
            return LinkState.removed(
                    "the device does not answer: it has been unplugged, or the process that plays it has ended");
        }
        return held.isWantedBack() ? LinkState.removed(Held.WANTED_BACK) : read;
    }

    @Override
    public final LinkState awaitLinkChange(LinkState known, Duration timeout) {
        return linkChange == null
                ? super.awaitLinkChange(known, timeout)
                : linkChange.awaitLinkChange(this, known, timeout);
    }

    @Override
    public final synchronized DeviceStatistics statistics() {
        if (!closed && !isGone()) {
            last = readStatistics(sendErrors());
        }
        return last;
    }

    private long sendErrors() {
        long errors = 0;
        for (IntelTxQueue queue : tx) {
            errors += queue == null ? 0 : queue.statistics().errors();
        }
        return errors;
    }

    @Override
    public final int numaNode() {
        return config.numaNode();
    }

    /// Every step is taken even if others fail. Memory goes last, when the device can't reach it any more.
    @Override
    public final void close() {
        StatisticsReader.remove(this);
        if (closes()) {
            Steps steps = new Steps();
            stop(steps);
            steps.take(() -> config.memory().detach(dma));
            if (interrupts != null) {
                steps.take(interrupts::close);
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

    private synchronized void stop(Steps steps) {
        boolean there = !isGone();
        if (there) {
            steps.take(this::stopReceiving);
        }
        stopOthers(steps);
        if (there) {
            starter.stop(rx, tx, steps);
            steps.take(() -> last = readStatistics(sendErrors())); // what left until now; the reset clears it
            shutDown(steps);
        }
    }

    @Override
    protected final boolean isClosed() {
        return closed;
    }
}
