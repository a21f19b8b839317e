package org.barewire.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.sim.SimPorts;
import org.barewire.sim.Wire;
import org.barewire.sim.WireStatistics;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `barewire pktgen`: numbered frames at a rate.
@Command(
        name = "pktgen",
        description = {
            "Sends generated frames: UDP that Barewire's testers check, or what the options say.",
            "Time begins to count with the first frame."
        },
        mixinStandardHelpOptions = true)
final class PktgenCommand implements Callable<Integer> {
    private static final int SLOT_OVERHEAD =
            320; // metadata, and the headroom of the slot that has most: see PacketPool.capacity
    private static final int LARGEST_RING = 4096;
    private static final int MAX_BATCH = 256;
    private static final Duration LINK_PATIENCE = Duration.ofSeconds(10);
    private static final long DRAIN_NANOS = 1_000_000_000;
    private static final long START_NANOS = 1_000_000_000; // for the first frame to be sent
    private static final double REACHED = 0.95; // share of a rate

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Mixin
    private FrameOptions frames;

    @Parameters(paramLabel = "DEVICE", description = "A device, like 0000:03:00.0 or sim:a.")
    private String device;

    @Option(names = "--queues", defaultValue = "1", description = "Send queues, a thread each (default: 1).")
    private int queues;

    @Option(names = "--batch", defaultValue = "32", description = "Frames of a burst at most, 1 to 256 (default: 32).")
    private int batch;

    private final List<PacketPool> pools = new ArrayList<>();
    private final List<Generator> generators = new ArrayList<>();

    @Override
    public Integer call() {
        try {
            check();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        int mtu = Math.max(1500, frames.maxLength() - 14);
        DeviceConfig config = DeviceConfig.standard().withQueues(queues).withMtu(mtu);
        try (Stopper stopper = new Stopper();
                NetDevice to = NetDevice.open(device, config)) {
            if (to.txQueues() < queues) {
                throw new DeviceException(tooFewQueues(to.txQueues()));
            }
            if (frames.maxLength() > to.mtu() + 14) {
                throw new DeviceException(
                        "frames of %d bytes are too long for %s, whose MTU is %d; give it a larger mtu="
                                .formatted(frames.maxLength() + 4, device, to.mtu()));
            }
            if (!to.awaitLink(LINK_PATIENCE)) {
                throw new DeviceException("%s: the link is %s".formatted(device, to.link()));
            }
            generate(to, stopper);
            return Endings.status(to, spec.commandLine().getErr());
        } finally {
            generators.forEach(Generator::close);
            pools.forEach(PacketPool::close);
        }
    }

    private String tooFewQueues(int there) {
        return there == 0 && device.startsWith("pcap:")
                ? "%s is read and can't be sent to; to write the file anew, add ?write=yes".formatted(device)
                : "%s has %d of the %d send queues that --queues asks for".formatted(device, there, queues);
    }

    private void check() {
        frames.check();
        if (batch < 1 || batch > MAX_BATCH) {
            throw new IllegalArgumentException("--batch %d: 1 to %d are possible".formatted(batch, MAX_BATCH));
        }
        if (queues < 1 || queues > 64) {
            throw new IllegalArgumentException("--queues %d: 1 to 64 are possible".formatted(queues));
        }
        DeviceName.parse(device);
    }

    private void generate(NetDevice to, Stopper stopper) {
        List<Worker> workers = new ArrayList<>();
        for (int queue = 0; queue < queues; queue++) {
            generators.add(generator(to, queue, System.nanoTime()));
        }
        long start = System.nanoTime();
        try (StatusLine status = StatusLine.on(spec.commandLine().getErr())) {
            Cpus cpus = Cpus.available(to.numaNode());
            for (int queue = 0; queue < queues; queue++) {
                workers.add(Worker.start("barewire-pktgen-" + queue, cpus.cpu(queue), generators.get(queue)));
            }
            List<Integer> used = IntStream.range(0, queues).mapToObj(cpus::cpu).toList();
            Distances.here()
                    .ofThreads(List.of(Distances.Place.of(to)), used)
                    .forEach(spec.commandLine().getErr()::println);
            start = awaitFirst(stopper);
            watch(workers, start, stopper, status, new LinkWatch(List.of(to), status::tell));
        } finally {
            Worker.closeAll(workers);
        }
        Rates rates = rates(start);
        generators.forEach(Generator::finish);
        drain(to);
        summarize(rates, generators.stream().mapToLong(Generator::dropped).sum());
    }

    /// Waits for the first frame to be sent, which is when time begins to count; returns the time.
    private long awaitFirst(Stopper stopper) {
        long start = System.nanoTime();
        long now = start;
        while (rates(start).packets() == 0 && now - start < START_NANOS && !stopper.isStopping()) {
            Thread.onSpinWait();
            now = System.nanoTime();
        }
        return now;
    }

    /// Size of the slots in which frames of up to `length` bytes fit.
    static int slotSize(int length) {
        int room = Integer.highestOneBit(2 * (length + SLOT_OVERHEAD) - 1);
        return Math.max(room, PacketPool.DEFAULT_SLOT_SIZE);
    }

    private Generator generator(NetDevice to, int queue, long start) {
        PacketPool pool =
                PacketPool.create(PacketMemory.standard(), LARGEST_RING + 2 * batch, slotSize(frames.maxLength()));
        pools.add(pool);
        FrameWriter writer = frames.writer(to.macAddress(), queue, pool);
        pool.unbind(); // the worker's from now on
        long count = run.count() / queues + (queue < run.count() % queues ? 1 : 0);
        return new Generator(to.tx(queue), pool, writer, frames.sizes(), frames.pacer(queues, start), batch, count);
    }

    private void watch(List<Worker> workers, long start, Stopper stopper, StatusLine status, LinkWatch links) {
        Rates rates = rates(start);
        Rates shown = rates;
        while (!run.isOver(start, rates.packets()) && !links.removed() && !stopper.pause(1)) {
            if (status.isDue(System.nanoTime())) {
                links.look();
                status.show(rates.since(shown).toString());
                shown = rates;
            }
            workers.forEach(Worker::check);
            rates = rates(start);
        }
        links.look();
    }

    private Rates rates(long start) {
        return new Rates(
                (System.nanoTime() - start) / 1e9,
                generators.stream().mapToLong(Generator::packets).sum(),
                generators.stream().mapToLong(Generator::bytes).sum());
    }

    /// Waits until the device has sent what it took. The workers have ended, so the queues are this thread's.
    private void drain(NetDevice to) {
        long start = System.nanoTime();
        for (int queue = 0; queue < queues; queue++) {
            while (to.tx(queue).reclaim() > 0 && System.nanoTime() - start < DRAIN_NANOS) {
                Thread.onSpinWait();
            }
        }
    }

    private void summarize(Rates rates, long dropped) {
        WireStatistics seen = farEnd();
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                Locale.ROOT,
                "%s in %.2f s: %s; %d dropped%s%n",
                RunOptions.packets(rates.packets()),
                rates.seconds(),
                rates,
                dropped,
                seen == null ? "" : "; the wire delivered %d and lost %d".formatted(seen.delivered(), seen.lost()));
        if (run.hasCount() && rates.packets() < run.count()) {
            err.printf("these are fewer than the %d of --count%n", run.count());
        }
        if (rates.seconds() >= 0.5 && frames.isBelowRate(rates, REACHED)) {
            err.println("this is less than --rate asks for");
        }
        if (run.json()) {
            Json json = new Json()
                    .put("seconds", rates.seconds())
                    .put("tx_packets", rates.packets())
                    .put("tx_bytes", rates.bytes())
                    .put("mpps", rates.mpps())
                    .put("mbit", rates.mbit())
                    .put("dropped", dropped)
                    .put("delivered", seen == null ? null : seen.delivered())
                    .put("lost", seen == null ? null : seen.lost());
            spec.commandLine().getOut().println(json);
            spec.commandLine().getOut().flush();
        }
    }

    /// What a simulated device's wire says of the frames; null for other devices.
    private @Nullable WireStatistics farEnd() {
        String name = DeviceName.parse(device).device();
        Wire wire = SimPorts.wire(name).orElse(null);
        if (wire == null || SimPorts.tester(name).isEmpty()) {
            return null;
        }
        long start = System.nanoTime();
        WireStatistics seen = wire.left().statistics();
        while (seen.inFlight() != 0 && System.nanoTime() - start < DRAIN_NANOS) {
            Thread.onSpinWait();
            seen = wire.left().statistics();
        }
        return seen;
    }
}
