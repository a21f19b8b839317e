package org.barewire.cli;

import java.util.List;
import java.util.Optional;
import org.barewire.core.device.NetDevice;
import org.barewire.sim.SimPorts;
import org.barewire.sim.TestReport;

/// One run of packets between two devices, from the first packet to the summary. For the control plane's
/// thread.
final class Measurement {
    private static final long TICK_MILLIS = 10;

    private final Forwarding forwarding;
    private final List<NetDevice> devices;
    private final Optional<Testers> testers;
    private final Stopper stopper;
    private final StatusLine status;

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
    }

    /// Moves packets for a while and waits until all have arrived, so that what follows is neither slowed by
    /// code not yet compiled nor credited with packets sent before.
    void warmUp(long millis) {
        testers.ifPresent(t -> t.start(Long.MAX_VALUE));
        stopper.pause(millis);
        testers.ifPresent(Testers::settle);
        forwarding.check();
    }

    /// Moves packets until the limits are reached or somebody stops it, lets those under way arrive, and says
    /// what has become of all of them.
    ForwardingReport run(RunOptions limits) {
        Totals before = Totals.of(devices);
        testers.ifPresent(Testers::mark);
        testers.ifPresent(t -> t.start(limits.count()));
        double elapsed = await(limits);
        testers.ifPresent(Testers::settle);
        forwarding.stop();
        Totals totals = Totals.of(devices).since(before);
        double sending = testers.map(Testers::report).map(TestReport::seconds).orElse(0.0);
        return new ForwardingReport(
                sending > 0 ? sending : elapsed,
                totals,
                forwarding.mode(),
                totals.dropped() + forwarding.dropped(),
                testers.map(ForwardingReport.Verified::of).orElse(null));
    }

    private double await(RunOptions limits) {
        long start = System.nanoTime();
        long packetsBefore = forwarding.packets();
        Totals shown = Totals.of(devices);
        long shownAt = start;
        while (!limits.isOver(start, forwarding.packets() - packetsBefore)
                && !isDone()
                && !stopper.pause(TICK_MILLIS)) {
            check();
            long now = System.nanoTime();
            if (status.isDue(now)) {
                Totals totals = Totals.of(devices);
                status.show(line(totals.since(shown), (now - shownAt) / 1e9));
                shown = totals;
                shownAt = now;
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private boolean isDone() {
        return testers.isPresent() && testers.get().isDone();
    }

    private void check() {
        forwarding.check();
        if (testers.isPresent()) {
            SimPorts.simulation().check();
        }
    }

    private static String line(Totals second, double seconds) {
        String rates = second.rates(seconds).toString();
        return second.dropped() == 0 ? rates : "%s, %d dropped".formatted(rates, second.dropped());
    }
}
