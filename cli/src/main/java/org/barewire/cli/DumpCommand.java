package org.barewire.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
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
        description = "Prints the packets that a device receives, whomever they are for, or writes them to a file.",
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
            description = "Keep so much of each packet (default: ${DEFAULT-VALUE}).")
    private int snapLength;

    private long written;

    @Override
    public Integer call() throws IOException {
        if (snapLength < 1 || snapLength > PcapWriter.MAX_SNAP_LENGTH) {
            throw usage("-s %d: 1 to %d bytes are possible".formatted(snapLength, PcapWriter.MAX_SNAP_LENGTH));
        }
        if (run.json() && STANDARD_OUTPUT.equals(file)) {
            throw usage("--json and -w - both write to standard output; name a file");
        }
        try (DumpSink sink = sink();
                NetDevice from = NetDevice.open(device)) {
            dump(from, sink);
        }
        return Main.DONE;
    }

    private DumpSink sink() {
        if (file == null) {
            return new DumpSink.Text(spec.commandLine().getOut(), link, hex);
        }
        return new DumpSink.Pcap(new PcapWriter(channel(file), snapLength));
    }

    private FileChannel channel(String name) {
        if (name.equals(STANDARD_OUTPUT)) {
            return new FileOutputStream(FileDescriptor.out).getChannel();
        }
        try {
            return FileChannel.open(
                    Path.of(name),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw usage("-w %s: it cannot be created (%s)".formatted(name, e));
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void dump(NetDevice from, DumpSink sink) throws IOException {
        from.setPromiscuous(true);
        List<RxQueue> queues =
                IntStream.range(0, from.rxQueues()).mapToObj(from::rx).toList();
        try (CaptureRing ring = new CaptureRing(RING, snapLength);
                Capture capture = new Capture(queues, ring, run.count());
                Stopper stopper = new Stopper()) {
            long start = System.nanoTime();
            try (Worker worker = Worker.start("barewire-dump", Cpus.available().cpu(0), capture);
                    StatusLine status = StatusLine.on(spec.commandLine().getErr())) {
                while (!run.isOver(start, capture.packets()) && !stopper.isStopping()) {
                    if (drain(ring, sink) == 0) {
                        stopper.pause(1);
                    }
                    report(capture, start, sink, status);
                    worker.check();
                }
            }
            Rates rates = rates(capture, start);
            while (drain(ring, sink) > 0) {}
            sink.flush();
            summarize(rates, capture.dropped(), from.statistics().rxMissed());
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
        }
        if (drained > 0 && drained < 1000) {
            sink.caughtUp();
        }
        written += drained;
        return drained;
    }

    private void report(Capture capture, long start, DumpSink sink, StatusLine status) throws IOException {
        if (status.isDue(System.nanoTime())) {
            sink.flush();
            if (file != null) { // lines of text are status enough
                status.show("%s, %d written, %d dropped by dump"
                        .formatted(rates(capture, start), written, capture.dropped()));
            }
        }
    }

    private static Rates rates(Capture capture, long start) {
        return new Rates((System.nanoTime() - start) / 1e9, capture.packets(), capture.bytes());
    }

    private void summarize(Rates rates, long dropped, long missed) {
        spec.commandLine()
                .getErr()
                .printf(
                        Locale.ROOT,
                        "%d packets in %.2f s: %s; %d written, %d dropped by dump, %d missed by the device%n",
                        rates.packets(),
                        rates.seconds(),
                        rates,
                        written,
                        dropped,
                        missed);
        if (run.json()) {
            Json json = new Json()
                    .put("seconds", rates.seconds())
                    .put("rx_packets", rates.packets())
                    .put("rx_bytes", rates.bytes())
                    .put("written", written)
                    .put("dropped", dropped);
            spec.commandLine().getOut().println(json);
            spec.commandLine().getOut().flush();
        }
    }
}
