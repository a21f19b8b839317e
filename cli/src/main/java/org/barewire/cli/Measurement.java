package org.barewire.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.device.NetDevice;
import org.barewire.sim.SimPorts;
import org.barewire.sim.TestReport;

/// One run of packets between two devices, from the first packet to the summary. For the control plane's
/// thread.
final class Measurement {
    private static final long TICK_MILLIS = 10;
    private static final long DRAIN_NANOS = 100_000_000; // for the last packets to leave
    private static final long SETTLE_NANOS = 2_000_000_000; // a busy machine may keep a thread waiting
    private static final Totals NOTHING = new Totals(0, 0, 0, 0, 0, 0);

    private final Forwarding forwarding;
    private final List<NetDevice> devices;
    private final Optional<Testers> testers;
    private final Stopper stopper;
    private final StatusLine status;
    private final LinkWatch links;
    private Totals before = NOTHING;
    private Forwarding.Moved movedBefore = new Forwarding.Moved(0, 0);

    /// @param testers at the far ends of both devices, if they are simulated
    Measurement(
            Forwarding forwarding,
            List<NetDevice> devices,
            Optional<Testers> testers,
            Stopper stopper,
            StatusLine status) {
        this.forwarding = forwarding;
        this.devices = devices;
        this.testers = testers;
        this.stopper = stopper;
        this.status = status;
        this.links = new LinkWatch(devices, status::tell);
    }

    /// Has packets move from now on. What testers have sent until now arrives, or is lost, before this
    /// returns.
    void start() {
        before = Totals.of(devices);
        forwarding.start();
        testers.ifPresent(this::settle);
    }

    /// Moves packets for a while and waits until all have arrived, so that what follows is neither slowed by
    /// code not yet compiled nor credited with packets sent before.
    void warmUp(long millis) {
        testers.ifPresent(t -> t.start(Long.MAX_VALUE));
        stopper.pause(millis);
        testers.ifPresent(this::settle);
        testers.ifPresent(Testers::restartWires);
        forwarding.check();
    }

    /// Moves packets until the limits are reached or somebody stops it, lets those under way arrive, and says
    /// what has become of all of them.
    ForwardingReport run(RunOptions limits) {
        if (testers.isPresent()) { // nothing moves
            before = Totals.of(devices);
            movedBefore = forwarding.moved();
            testers.get().mark();
        }
        testers.ifPresent(t -> t.start(limits.count()));
        double elapsed = await(limits);
        testers.ifPresent(this::settle);
        forwarding.stop();
        Forwarding.Moved moved = forwarding.moved().since(movedBefore);
        Totals totals = totalsAfter(moved.sent());
        double sending = testers.map(Testers::report).map(TestReport::seconds).orElse(0.0);
        return new ForwardingReport(
                sending > 0 ? sending : elapsed,
                totals,
                forwarding.mode(),
                moved.received() + totals.rxMissed(),
                testers.map(ForwardingReport.Verified::of).orElse(null),
                Endings.early(devices));
    }

    /// Stops the testers and waits until no packet is under way any more, neither on a wire nor in a card.
    private void settle(Testers testers) {
        testers.settle();
        long start = System.nanoTime();
        while (isInCards() && System.nanoTime() - start < SETTLE_NANOS) {
            LockSupport.parkNanos(1_000_000);
        }
        testers.settle(); // what has left the cards meanwhile is on a wire
    }

    private boolean isInCards() {
        Totals totals = Totals.of(devices);
        Forwarding.Moved moved = forwarding.moved();
        return moved.received() != totals.rxPackets() - totals.rxMissed() || moved.sent() != totals.txPackets();
    }

    /// What the devices counted, when they have sent what they were handed.
    private Totals totalsAfter(long sent) {
        long start = System.nanoTime();
        Totals totals = Totals.of(devices).since(before);
        while (totals.txPackets() < sent && System.nanoTime() - start < DRAIN_NANOS) {
            LockSupport.parkNanos(1_000_000);
            totals = Totals.of(devices).since(before);
        }
        return totals;
    }

    private double await(RunOptions limits) {
        long start = System.nanoTime();
        long packetsBefore = forwarding.packets();
        Totals shown = Totals.of(devices);
        long shownAt = start;
        while (!limits.isOver(start, forwarding.packets() - packetsBefore)
                && !isDone()
                && !links.removed()
                && !stopper.pause(TICK_MILLIS)) {
            check();
            long now = System.nanoTime();
            if (status.isDue(now)) {
                links.look();
                Totals totals = Totals.of(devices);
                status.show(line(totals.since(shown), (now - shownAt) / 1e9));
                shown = totals;
                shownAt = now;
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (!isDone()) { // a capture file's end is no news
            links.look();
        }
        return seconds;
    }

    private boolean isDone() {
        return forwarding.isEnded() || testers.isPresent() && testers.get().isDone();
    }

    private void check() {
        forwarding.check();
        if (testers.isPresent()) {
            SimPorts.simulation().check();
        }
    }

    private static String line(Totals second, double seconds) {
        String rates = second.rates(seconds).toString();
        return second.rxMissed() == 0 ? rates : "%s, %d missed".formatted(rates, second.rxMissed());
    }
}
