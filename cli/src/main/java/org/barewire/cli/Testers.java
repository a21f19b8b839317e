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
    private long lostBefore;
    private long corruptedBefore;

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
        lostBefore = lostOnWires();
        corruptedBefore = corruptedOnWires();
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
        boolean accounted = report().lost() == wireDropped() + wireCorrupted(); // none is in a card any more
        return (quiet || accounted) && directions().stream().allMatch(direction -> direction.inFlight() == 0);
    }

    /// What was found since the mark. To be asked for when all has settled.
    TestReport report() {
        return a.tester.sink().report().plus(b.tester.sink().report());
    }

    LatencyHistogram latency() {
        return latency;
    }

    /// Frames that the wires themselves say that they lost since the mark.
    long wireDropped() {
        return lostOnWires() - lostBefore;
    }

    /// Frames that the wires themselves say that they corrupted since the mark.
    long wireCorrupted() {
        return corruptedOnWires() - corruptedBefore;
    }

    private long lostOnWires() {
        return directions().stream().mapToLong(WireStatistics::lost).sum();
    }

    private long corruptedOnWires() {
        return directions().stream().mapToLong(WireStatistics::corrupted).sum();
    }

    private List<WireStatistics> directions() {
        return List.of(
                a.wire.left().statistics(),
                a.wire.right().statistics(),
                b.wire.left().statistics(),
                b.wire.right().statistics());
    }
}
