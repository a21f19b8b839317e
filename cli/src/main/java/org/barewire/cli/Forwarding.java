package org.barewire.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.Relay;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.linux.Sched;
import org.barewire.sim.SimPorts;

/// Packets on their way between two devices, both ways: a pinned thread for each pair of queues. Belongs to
/// the control plane's thread, and does not own the devices.
final class Forwarding implements AutoCloseable {
    static final int MAX_BATCH = 256;

    private static final PacketHandler ALL = packet -> PacketHandler.send(packet, 1);
    private static final Duration LINK_TIME = Duration.ofSeconds(10);

    private final List<Relay> relays = new ArrayList<>();
    private final List<Worker.Loop> loops = new ArrayList<>(); // one for each pair of queues, or for each direction
    private final List<Worker> workers = new ArrayList<>();
    private final List<Integer> workersCpus = new ArrayList<>();
    private final Set<String> farMemory = new LinkedHashSet<>(); // sentences: a queue's is another's
    private final NetDevice a;
    private final NetDevice b;
    private final int batch;
    private final RxMode mode;

    /// Sets devices up to exchange all packets, and waits for their links. Nothing moves yet.
    ///
    /// @param batch   packets a burst
    /// @param inPlace relay in the rings' memory if the devices can
    /// @param mode    if adaptive, each direction has a thread of its own, which sleeps at its receive queue
    /// @throws DeviceException if their queues do not pair, both only receive or only send, or a link stays down
    Forwarding(NetDevice a, NetDevice b, int batch, boolean inPlace, RxMode mode) {
        this.a = a;
        this.b = b;
        this.batch = batch;
        this.mode = mode;
        int queues = pairs(a, b);
        a.setPromiscuous(true);
        b.setPromiscuous(true);
        try {
            for (int queue = 0; queue < queues; queue++) {
                connect(queue, inPlace && mode == RxMode.POLLING);
            }
            awaitLink(a);
            awaitLink(b);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /// How many pairs of queues there are. One device may only receive and the other only send.
    private static int pairs(NetDevice a, NetDevice b) {
        int there = Math.min(a.rxQueues(), b.txQueues());
        int back = Math.min(b.rxQueues(), a.txQueues());
        boolean paired = a.rxQueues() == b.txQueues() || there == 0;
        if (!paired || b.rxQueues() != a.txQueues() && back != 0 || there != back && there != 0 && back != 0) {
            throw new DeviceException(
                    "%s and %s have %d and %d receive, %d and %d send queues, which do not pair; give both the same ?queues="
                            .formatted(a.name(), b.name(), a.rxQueues(), b.rxQueues(), a.txQueues(), b.txQueues()));
        }
        if (there == 0 && back == 0) {
            throw new DeviceException(
                    "neither of %s and %s receives what the other could send".formatted(a.name(), b.name()));
        }
        return Math.max(there, back);
    }

    private static void awaitLink(NetDevice device) {
        if (!device.awaitLink(LINK_TIME)) {
            throw new DeviceException("%s has had no link for %d s: %s"
                    .formatted(
                            device.name(), LINK_TIME.toSeconds(), device.link().reason()));
        }
    }

    private void connect(int queue, boolean inPlace) {
        boolean there = a.rxQueues() > 0 && b.txQueues() > 0;
        boolean back = b.rxQueues() > 0 && a.txQueues() > 0;
        List<Relay> pair = inPlace && there && back ? connectInPlace(queue) : List.of();
        if (!pair.isEmpty()) {
            relays.addAll(pair);
            loops.add(loop(pair.getFirst(), pair.getLast(), batch));
            return;
        }
        List<Forwarder> forwarders = new ArrayList<>();
        if (there) {
            forwarders.add(forwarder(a, b, queue));
        }
        if (back) {
            forwarders.add(forwarder(b, a, queue));
        }
        relays.addAll(forwarders);
        if (forwarders.size() == 1 || mode == RxMode.ADAPTIVE) {
            loops.addAll(forwarders);
        } else {
            loops.add(loop(forwarders.getFirst(), forwarders.getLast(), batch));
        }
    }

    private Forwarder forwarder(NetDevice from, NetDevice to, int queue) {
        RxQueue rx = from.rx(queue);
        Distances.ofMemory(from, rx.pool()).ifPresent(farMemory::add);
        return new Forwarder(rx, to.tx(queue), batch);
    }

    /// Empty, with nothing left behind, if either direction cannot.
    private List<Relay> connectInPlace(int queue) {
        Relay there = a.relay(queue, List.of(b), queue, ALL);
        if (there.inPlace()) {
            Relay back = b.relay(queue, List.of(a), queue, ALL);
            if (back.inPlace()) {
                return List.of(there, back);
            }
            back.close();
        }
        there.close();
        return List.of();
    }

    /// Has packets move from now on. The simulation, if it has a part in this, gets a CPU of its own as far
    /// as there are two.
    void start() {
        Cpus cpus = Cpus.available(a.numaNode() == Numa.NO_NODE ? b.numaNode() : a.numaNode());
        boolean shared = cpus.count() > 1 && (isSimulated(a) || isSimulated(b));
        if (shared) {
            SimPorts.simulation().execute(() -> Sched.pin(cpus.cpu(0)));
        }
        int first = shared ? 1 : 0;
        for (int pair = 0; pair < loops.size(); pair++) {
            int cpu = cpus.cpu(first + pair % (cpus.count() - first));
            workers.add(Worker.start("barewire-fwd-" + pair, cpu, mode, loops.get(pair)));
            workersCpus.add(cpu);
        }
    }

    /// What is far from what, see {@link Distances}; known when packets move.
    List<String> warnings() {
        return Stream.concat(
                        Distances.here()
                                .ofThreads(List.of(Distances.Place.of(a), Distances.Place.of(b)), workersCpus)
                                .stream(),
                        farMemory.stream())
                .toList();
    }

    private static Worker.Loop loop(Relay there, Relay back, int batch) {
        return () -> there.poll(batch) + back.poll(batch);
    }

    private static boolean isSimulated(NetDevice device) {
        return device.name().startsWith("sim:");
    }

    /// Whether there is nothing left to be forwarded, and never will be.
    boolean isEnded() {
        return relays.stream().allMatch(relay -> relay instanceof Forwarder forwarder && forwarder.isEnded());
    }

    /// `relay` if packets are handled in the rings' memory, else `queues`.
    String mode() {
        return relays.getFirst().inPlace() ? "relay" : "queues";
    }

    /// Packets that were received so far.
    long packets() {
        return relays.stream().mapToLong(relay -> relay.received().packets()).sum();
    }

    /// What became of the packets that were taken from the receive queues so far. Exact when nothing moves.
    Moved moved() {
        long received = 0;
        long sent = 0;
        for (Relay relay : relays) {
            QueueStatistics in = relay.received();
            received += in.packets() + in.dropped() + in.errors();
            sent += relay.sent(0).packets();
        }
        return new Moved(received, sent);
    }

    /// @param received also those lost at the receive queue
    /// @param sent     handed to the other device
    record Moved(long received, long sent) {
        Moved since(Moved before) {
            return new Moved(received - before.received, sent - before.sent);
        }
    }

    /// Throws what ended a worker, if anything did.
    void check() {
        workers.forEach(Worker::check);
    }

    /// Ends the workers, after the packets that they have in hand.
    void stop() {
        try {
            Worker.closeAll(workers);
        } finally {
            workers.clear();
        }
    }

    @Override
    public void close() {
        try {
            stop();
        } finally {
            relays.forEach(Relay::close);
            relays.clear();
        }
    }
}
