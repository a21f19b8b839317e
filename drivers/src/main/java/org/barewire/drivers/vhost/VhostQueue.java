package org.barewire.drivers.vhost;

import org.barewire.core.device.Counters;
import org.barewire.core.linux.EventFd;
import org.barewire.drivers.Gate;
import org.jspecify.annotations.Nullable;

/// What receiving and sending have in common: a ring that comes and goes behind a {@link Gate}, and counters.
///
/// The control plane calls {@link #start}, {@link #stop} and {@link #close}. While the gate is open the ring
/// is the data path's, which sees all that was set before.
abstract class VhostQueue {
    final Gate gate = new Gate();
    final long counters = Counters.allocate();

    @Nullable
    Vring ring;

    int headerLength;
    private @Nullable EventFd call;
    private volatile boolean faulty;
    private Runnable control = () -> {};

    /// @param control is run when there has been a fault: wakes the control plane
    final void reportFaultsTo(Runnable control) {
        this.control = control;
    }

    /// Opens a ring to the data path. The driver is called once, for what it may have missed.
    ///
    /// @param call wakes the driver; stays the caller's
    void start(RingSetup setup, @Nullable EventFd call) {
        this.ring = setup.open();
        this.headerLength = setup.headerLength();
        this.call = call;
        this.faulty = false;
        negotiated(setup);
        gate.open();
        endSleep();
        if (call != null) {
            call.signal();
        }
    }

    /// Called by {@link #start} for what else depends on the features.
    abstract void negotiated(RingSetup setup);

    /// Called when the gate has been opened, and when it has been shut: wakes who sleeps at the queue.
    void endSleep() {}

    /// Takes the ring away from the data path, which has left it when this returns.
    ///
    /// @return where it stopped, in the form of VRING_BASE
    int stop() {
        gate.shut();
        endSleep();
        gate.close();
        int base = base();
        ring = null;
        call = null;
        return base;
    }

    /// Where the ring is, in the form of VRING_BASE. For the data path, or when it has stopped.
    final int base() {
        return ring == null ? 0 : ring.base();
    }

    boolean isRunning() {
        return ring != null;
    }

    /// Whether there has been a fault since {@link #start}.
    boolean isFaulty() {
        return faulty;
    }

    /// Data path: leaves the ring alone, for the front end has taken away memory that it is in or leads to.
    /// The JVM throws an {@link InternalError} then, not at the access but at the next safepoint.
    final void fault() {
        gate.shut();
        count(QueueCounter.FAULTS);
        faulty = true;
        control.run();
    }

    /// Data path: gives chains back and calls the driver if it wants to be.
    final void complete(Vring ring, int chains) {
        if (chains > 0 && ring.complete(chains) && call != null && call.signal()) {
            count(QueueCounter.CALLS);
        }
    }

    final void count(int counter) {
        add(counter, 1);
    }

    final void add(int counter, long amount) {
        Counters.add(counters, counter, amount);
    }

    final long get(int counter) {
        return Counters.get(counters, counter);
    }

    /// Gives everything back; the data path has stopped for good.
    void close() {
        stop();
        Counters.free(counters);
    }
}
