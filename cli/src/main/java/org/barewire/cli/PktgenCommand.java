package org.barewire.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.sim.SimPorts;
import org.barewire.sim.Wire;
import org.barewire.sim.WireStatistics;
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
        description = "Sends generated frames: UDP that Barewire's testers check, or what the options say.",
        mixinStandardHelpOptions = true)
final class PktgenCommand implements Callable<Integer> {
    private static final int SLOT_OVERHEAD = 128; // metadata and headroom
    private static final int LARGEST_RING = 4096;
    private static final int MAX_BATCH = 256;
    private static final Duration LINK_PATIENCE = Duration.ofSeconds(10);
    private static final long DRAIN_NANOS = 1_000_000_000;

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
        try (NetDevice to = NetDevice.open(
                device, DeviceConfig.standard().withQueues(queues).withMtu(mtu))) {
            if (to.txQueues() < queues) {
                throw new DeviceException("%s has %d send queues".formatted(device, to.txQueues()));
            }
            if (!to.awaitLink(LINK_PATIENCE)) {
                throw new DeviceException("%s: the link is %s".formatted(device, to.link()));
            }
            generate(to);
        } finally {
            generators.forEach(Generator::close);
            pools.forEach(PacketPool::close);
        }
        return Main.DONE;
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

    private void generate(NetDevice to) {
        List<Worker> workers = new ArrayList<>();
        try (Stopper stopper = new Stopper()) {
            long start = System.nanoTime();
            for (int queue = 0; queue < queues; queue++) {
                generators.add(generator(to, queue, start));
            }
            try (StatusLine status = StatusLine.on(spec.commandLine().getErr())) {
                Cpus cpus = Cpus.available();
                for (int queue = 0; queue < queues; queue++) {
                    workers.add(Worker.start("barewire-pktgen-" + queue, cpus.cpu(queue), generators.get(queue)));
                }
                watch(workers, start, stopper, status);
            } finally {
                workers.forEach(Worker::stop);
                workers.forEach(Worker::close);
            }
            Rates rates = rates(start);
            long dropped = generators.stream().mapToLong(Generator::finish).sum();
            drain(to);
            summarize(rates, dropped);
        }
    }

    private Generator generator(NetDevice to, int queue, long start) {
        int room = Integer.highestOneBit(2 * (frames.maxLength() + SLOT_OVERHEAD) - 1);
        PacketPool pool = PacketPool.create(
                PacketMemory.standard(), LARGEST_RING + 2 * batch, Math.max(room, PacketPool.DEFAULT_SLOT_SIZE));
        pools.add(pool);
        FrameWriter writer = frames.writer(to.macAddress(), queue, pool);
        pool.unbind(); // the worker's from now on
        long count = run.count() / queues + (queue < run.count() % queues ? 1 : 0);
        return new Generator(to.tx(queue), pool, writer, frames.sizes(), frames.pacer(queues, start), batch, count);
    }

    private void watch(List<Worker> workers, long start, Stopper stopper, StatusLine status) {
        Rates rates = rates(start);
        while (!run.isOver(start, rates.packets()) && !stopper.pause(1)) {
            if (status.isDue(System.nanoTime())) {
                status.show(rates.toString());
            }
            workers.forEach(Worker::check);
            rates = rates(start);
        }
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
        spec.commandLine()
                .getErr()
                .printf(
                        Locale.ROOT,
                        "%d packets in %.2f s: %s; %d dropped%s%n",
                        rates.packets(),
                        rates.seconds(),
                        rates,
                        dropped,
                        farEnd());
        if (run.json()) {
            Json json = new Json()
                    .put("seconds", rates.seconds())
                    .put("tx_packets", rates.packets())
                    .put("tx_bytes", rates.bytes())
                    .put("mpps", rates.mpps())
                    .put("mbit", rates.mbit())
                    .put("dropped", dropped);
            spec.commandLine().getOut().println(json);
            spec.commandLine().getOut().flush();
        }
    }

    /// What a simulated device's wire says of the frames; nothing of other devices.
    private String farEnd() {
        String name = DeviceName.parse(device).device();
        Wire wire = SimPorts.wire(name).orElse(null);
        if (wire == null || SimPorts.tester(name).isEmpty()) {
            return "";
        }
        long start = System.nanoTime();
        WireStatistics seen = wire.left().statistics();
        while (seen.inFlight() != 0 && System.nanoTime() - start < DRAIN_NANOS) {
            Thread.onSpinWait();
            seen = wire.left().statistics();
        }
        return "; the wire delivered %d and lost %d".formatted(seen.delivered(), seen.lost());
    }
}
