package org.barewire.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.sim.Load;
import org.barewire.sim.ProbeSource;
import org.barewire.sim.SimPorts;
import org.barewire.sim.Simulation;
import org.barewire.sim.TestReport;
import org.barewire.sim.Tester;
import org.barewire.sim.Wire;
import org.barewire.sim.WireStatistics;

/// The testers at the far ends of two simulated cards between which packets are forwarded: what one sends,
/// the other checks.
final class Testers {
    private static final long QUIET = 1_000_000_000; // nanoseconds without a frame: none will come any more
    private static final long PATIENCE = 15_000_000_000L; // longer than the longest delay of a wire

    /// What is plugged in at one card.
    private record Side(Tester tester, Wire wire) {
        static Optional<Side> of(NetDevice device) {
            String name = DeviceName.parse(device.name()).device();
            return SimPorts.tester(name).flatMap(tester -> SimPorts.wire(name).map(wire -> new Side(tester, wire)));
        }
    }

    private final Simulation simulation = SimPorts.simulation();
    private final Side a;
    private final Side b;
    private final List<ProbeSource> sources = new ArrayList<>(); // those that are to send
    private final LatencyHistogram latency = new LatencyHistogram();
    private WireStatistics toCardsBefore = new WireStatistics(0, 0, 0, 0, 0, 0, 0);
    private WireStatistics fromCardsBefore = new WireStatistics(0, 0, 0, 0, 0, 0, 0);

    private Testers(Side a, Side b) {
        this.a = a;
        this.b = b;
        simulation.execute(() -> {
            for (Side side : List.of(a, b)) {
                ProbeSource source = side.tester.source();
                if (source.isSending()) {
                    source.stop();
                    sources.add(source);
                }
                side.tester.sink().recordLatency(latency);
            }
            a.tester.sink().expect(b.tester.source());
            b.tester.sink().expect(a.tester.source());
        });
    }

    /// The testers of two cards, if both have one. Sources that send are stopped, until {@link #start}.
    static Optional<Testers> of(NetDevice a, NetDevice b) {
        return Side.of(a).flatMap(left -> Side.of(b).map(right -> new Testers(left, right)));
    }

    /// Has the tester of the first card send like this, in addition to those that have been told already.
    void load(Load load) {
        ProbeSource source = a.tester.source();
        simulation.execute(() -> source.setLoad(load));
        sources.add(source);
    }

    /// Starts counting: frames sent so far no longer matter, provided that they have all {@linkplain #settle
    /// arrived or been lost}.
    void mark() {
        simulation.execute(() -> {
            a.tester.sink().mark();
            b.tester.sink().mark();
            latency.reset();
        });
        toCardsBefore = countedToCards();
        fromCardsBefore = countedFromCards();
    }

    /// Sends about so many frames, the sources an equal share each, or until {@link #settle}.
    void start(long frames) {
        int count = sources.size();
        for (ProbeSource source : sources) {
            simulation.execute(() -> {
                if (frames == Long.MAX_VALUE) {
                    source.start();
                } else {
                    source.start((frames + count - 1) / count);
                }
            });
        }
    }

    /// Have all sources that were started sent what they should?
    boolean isDone() {
        return !sources.isEmpty() && sources.stream().noneMatch(ProbeSource::isSending);
    }

    /// Stops the sources and waits until no frame is under way any more.
    void settle() {
        simulation.execute(() -> sources.forEach(ProbeSource::stop));
        long start = System.nanoTime();
        while (!settled(System.nanoTime()) && System.nanoTime() - start < PATIENCE) {
            simulation.check();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private boolean settled(long now) {
        boolean quiet = a.tester.sink().settled(now, QUIET) && b.tester.sink().settled(now, QUIET);
        WireStatistics in = toCards();
        WireStatistics out = fromCards();
        long taken = in.lost() + in.corrupted() + out.lost() + out.corrupted();
        boolean accounted = report().lost() == taken; // none is in a card any more
        return (quiet || accounted) && in.inFlight() == 0 && out.inFlight() == 0;
    }

    /// What was found since the mark. To be asked for when all has settled.
    TestReport report() {
        return a.tester.sink().report().plus(b.tester.sink().report());
    }

    LatencyHistogram latency() {
        return latency;
    }

    /// What the wires themselves say of the frames that testers sent since the mark.
    WireStatistics toCards() {
        return minus(countedToCards(), toCardsBefore);
    }

    /// What the wires themselves say of the frames that cards sent since the mark.
    WireStatistics fromCards() {
        return minus(countedFromCards(), fromCardsBefore);
    }

    /// Has the wires throw their dice from the start again, so that what happens to the frames sent from now on
    /// follows from the seed. Nothing is under way.
    void restartWires() {
        simulation.execute(() -> {
            a.wire.restart();
            b.wire.restart();
        });
    }

    private WireStatistics countedToCards() {
        return plus(a.wire.right().statistics(), b.wire.right().statistics());
    }

    private WireStatistics countedFromCards() {
        return plus(a.wire.left().statistics(), b.wire.left().statistics());
    }

    private static WireStatistics plus(WireStatistics one, WireStatistics other) {
        return sum(one, other, 1);
    }

    private static WireStatistics minus(WireStatistics one, WireStatistics other) {
        return sum(one, other, -1);
    }

    private static WireStatistics sum(WireStatistics one, WireStatistics other, long sign) {
        return new WireStatistics(
                one.sent() + sign * other.sent(),
                one.sentBytes() + sign * other.sentBytes(),
                one.lost() + sign * other.lost(),
                one.duplicated() + sign * other.duplicated(),
                one.reordered() + sign * other.reordered(),
                one.corrupted() + sign * other.corrupted(),
                one.delivered() + sign * other.delivered());
    }
}
