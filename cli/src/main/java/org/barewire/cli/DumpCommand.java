package org.barewire.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.Errno;
import org.barewire.core.linux.LinuxException;
import org.barewire.drivers.pcap.CaptureFile;
import org.barewire.drivers.pcap.PcapWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `barewire dump`: what a device receives, as text or as a pcap file.
@Command(
        name = "dump",
        description = {
            "Prints the packets that a device receives, whomever they are for, or writes them to a file.",
            "With --json the lines go to standard error."
        },
        mixinStandardHelpOptions = true)
final class DumpCommand implements Callable<Integer> {
    private static final int RING = 1 << 26; // at 10 Gbit/s what arrives in 50 ms
    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Parameters(paramLabel = "DEVICE", description = "A device, like 0000:03:00.0 or sim:a?send=1mpps.")
    private String device;

    @Option(names = "-e", description = "Print Ethernet addresses and types.")
    private boolean link;

    @Option(names = "-x", description = "Print all bytes.")
    private boolean hex;

    @Option(names = "-w", paramLabel = "FILE", description = "Write a pcap file instead of lines; - is stdout.")
    private @Nullable String file;

    @Option(
            names = "-s",
            paramLabel = "BYTES",
            defaultValue = "65535",
            description = "Write, or print with -x, so much of each packet (default: ${DEFAULT-VALUE}).")
    private int snapLength;

    @Option(
            names = "--rx-mode",
            paramLabel = "MODE",
            defaultValue = "polling",
            converter = RxMode.Converter.class,
            description = "polling: never sleep (default); adaptive: sleep while nothing arrives.")
    private RxMode mode;

    private long written;
    private @Nullable PcapWriter writer;
    private Rates shown = new Rates(0, 0, 0);

    @Override
    public Integer call() throws IOException {
        if (snapLength < 1 || snapLength > PcapWriter.MAX_SNAP_LENGTH) {
            throw usage("-s %d: 1 to %d bytes are possible".formatted(snapLength, PcapWriter.MAX_SNAP_LENGTH));
        }
        if (run.json() && STANDARD_OUTPUT.equals(file)) {
            throw usage("--json and -w - both write to standard output; name a file");
        }
        if (file != null && (link || hex)) {
            throw usage("-e and -x are for lines of text, and -w writes a file of whole packets; leave one out");
        }
        try (Stopper stopper = new Stopper();
                NetDevice from = NetDevice.open(device);
                DumpSink sink = sink()) { // after the device: what is in the file stays there if it can't be opened
            dump(from, sink, stopper);
            return Endings.status(from, spec.commandLine().getErr());
        } catch (IOException e) {
            throw writer == null ? e : incomplete(e, writer.flushed());
        }
    }

    private IOException incomplete(IOException e, long flushed) {
        String what = STANDARD_OUTPUT.equals(file) ? "the standard output" : String.valueOf(file);
        return new IOException(
                "%s is not complete: %s; of %d packets %d at least are in it. Make room, or write elsewhere"
                        .formatted(what, e.getMessage(), written, flushed),
                e);
    }

    private DumpSink sink() {
        if (file == null) {
            PrintWriter out = run.json()
                    ? spec.commandLine().getErr()
                    : spec.commandLine().getOut();
            return new DumpSink.Text(out, link, hex, snapLength);
        }
        writer = new PcapWriter(channel(file), snapLength);
        return new DumpSink.Pcap(writer);
    }

    private WritableByteChannel channel(String name) {
        if (name.equals(STANDARD_OUTPUT)) {
            return new FileOutputStream(FileDescriptor.out).getChannel();
        }
        try {
            return CaptureFile.create(name);
        } catch (LinuxException e) {
            throw usage("-w %s: it cannot be created: %s".formatted(name, Errno.describe(e.errno())));
        }
    }

    private void warn(NetDevice from, RxQueue queue, int cpu) {
        PrintWriter err = spec.commandLine().getErr();
        Distances.here()
                .ofThreads(List.of(Distances.Place.of(from)), List.of(cpu))
                .forEach(err::println);
        Distances.ofMemory(from, queue.pool()).ifPresent(err::println);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void dump(NetDevice from, DumpSink sink, Stopper stopper) throws IOException {
        from.setPromiscuous(true);
        List<RxQueue> queues =
                IntStream.range(0, from.rxQueues()).mapToObj(from::rx).toList();
        try (CaptureRing ring = new CaptureRing(RING, file == null ? PcapWriter.MAX_SNAP_LENGTH : snapLength);
                Capture capture = new Capture(queues, ring, run.count())) {
            long start = System.nanoTime();
            int cpu = Cpus.available(from.numaNode()).cpu(0);
            try (Worker worker = Worker.start("barewire-dump", cpu, mode, capture);
                    StatusLine status = StatusLine.on(spec.commandLine().getErr())) {
                LinkWatch links = new LinkWatch(List.of(from), status::tell);
                warn(from, queues.getFirst(), cpu);
                while (!run.isOver(start, capture.packets())
                        && !capture.isEnded()
                        && !links.removed()
                        && !stopper.isStopping()) {
                    if (drain(ring, sink) == 0) {
                        stopper.pause(1);
                    }
                    report(capture, start, sink, status, links);
                    worker.check();
                }
                if (!capture.isEnded()) { // a capture file's end is no news
                    links.look();
                }
            }
            Rates rates = rates(capture, start);
            while (drain(ring, sink) > 0) {}
            sink.flush();
            summarize(rates, capture.dropped(), lostAt(queues), Totals.of(List.of(from)));
        }
    }

    /// Writes some of what is waiting; returns how many packets that were.
    private int drain(CaptureRing ring, DumpSink sink) throws IOException {
        int drained = 0;
        for (; drained < 1000; drained++) {
            long packet = ring.next();
            if (packet == 0) {
                break;
            }
            sink.write(ring.timeNanos(), packet, ring.originalLength());
            ring.remove();
            written++;
        }
        if (drained > 0 && drained < 1000) {
            sink.caughtUp();
        }
        return drained;
    }

    private void report(Capture capture, long start, DumpSink sink, StatusLine status, LinkWatch links)
            throws IOException {
        if (status.isDue(System.nanoTime())) {
            sink.flush();
            links.look();
            if (file != null) { // lines of text are status enough
                Rates rates = rates(capture, start);
                status.show(
                        "%s, %d written, %d dropped by dump".formatted(rates.since(shown), written, capture.dropped()));
                shown = rates;
            }
        }
    }

    private static Rates rates(Capture capture, long start) {
        return new Rates((System.nanoTime() - start) / 1e9, capture.packets(), capture.bytes());
    }

    /// Packets that the queues could not hand on.
    private static long lostAt(List<RxQueue> queues) {
        return queues.stream()
                .map(RxQueue::statistics)
                .mapToLong(statistics -> statistics.dropped() + statistics.errors())
                .sum();
    }

    private void summarize(Rates rates, long dropped, long lostAtQueues, Totals totals) {
        PrintWriter err = spec.commandLine().getErr();
        long missed = totals.rxMissed() + lostAtQueues;
        err.printf(
                Locale.ROOT,
                "%s in %.2f s: %s; %d written, %d dropped by dump, %d missed by the device%n",
                RunOptions.packets(rates.packets()),
                rates.seconds(),
                rates,
                written,
                dropped,
                missed);
        if (totals.rxErrors() > 0) {
            err.println(totals.refusals());
        }
        err.flush();
        if (run.json()) {
            Json json = new Json()
                    .put("seconds", rates.seconds())
                    .put("rx_packets", rates.packets())
                    .put("rx_bytes", rates.bytes())
                    .put("written", written)
                    .put("dropped", dropped)
                    .put("missed", missed)
                    .put("too_long", totals.tooLong())
                    .put("rx_errors", totals.rxErrors());
            spec.commandLine().getOut().println(json);
            spec.commandLine().getOut().flush();
        }
    }
}
