package org.barewire.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `barewire fwd`: every packet that one device receives is sent out of the other.
@Command(
        name = "fwd",
        description =
                "Forwards packets between two devices, both ways. Ends where a capture file ends that is replayed.",
        footer = {"", "Example: barewire fwd 'sim:a?send=1mpps' sim:b --time 5"},
        mixinStandardHelpOptions = true)
final class FwdCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions limits;

    @Parameters(index = "0", paramLabel = "A", description = "A device, like 0000:03:00.0 or sim:a.")
    private String a;

    @Parameters(index = "1", paramLabel = "B", description = "Another device.")
    private String b;

    @Option(names = "--batch", defaultValue = "32", description = "Packets per burst, 1 to 256 (default: 32).")
    private int batch;

    @Option(
            names = "--queues",
            defaultValue = "1",
            description = "Queues of each device, 1 to 64, with a thread for each (default: 1).")
    private int queues;

    @Option(
            names = "--no-relay",
            description = "Receive and send over plain queues, also where packets could stay where they lie.")
    private boolean plainQueues;

    @Option(
            names = "--rx-mode",
            paramLabel = "MODE",
            defaultValue = "polling",
            converter = RxMode.Converter.class,
            description = {
                "polling: a thread for each pair of queues, which never sleeps (default).",
                "adaptive: a thread for each direction, which sleeps while nothing arrives."
            })
    private RxMode mode;

    @Override
    public Integer call() {
        range("--batch", batch, Forwarding.MAX_BATCH);
        range("--queues", queues, 64);
        checkFiles();
        PrintWriter err = spec.commandLine().getErr();
        Complaints complaints = new Complaints();
        ForwardingReport report = forward(err);
        PrintWriter out = spec.commandLine().getOut();
        out.println(limits.json() ? report.toJson() : report);
        out.flush();
        report.faults().forEach(err::println);
        return complaints.print(err) || !report.faults().isEmpty() ? Main.FAILED : Main.DONE;
    }

    private void range(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new ParameterException(
                    spec.commandLine(), "%s=%d: from 1 to %d is possible".formatted(option, value, most));
        }
    }

    /// A file that is opened to be written is emptied, and only then is the other side opened.
    private void checkFiles() {
        List<DeviceName> files = Stream.of(a, b)
                .map(DeviceName::parse)
                .filter(name -> name.scheme().equals("pcap"))
                .toList();
        if (files.size() < 2 || files.stream().noneMatch(name -> name.options().containsKey("write"))) {
            return;
        }
        String left = files.getFirst().path();
        String right = files.getLast().path();
        try {
            if (Files.isSameFile(Path.of(left), Path.of(right))) {
                throw new ParameterException(
                        spec.commandLine(), "%s and %s are one file; write to another one".formatted(left, right));
            }
        } catch (IOException e) {
            return; // one of them is not there, which is told when it is opened
        }
    }

    private ForwardingReport forward(PrintWriter err) {
        DeviceConfig config = DeviceConfig.standard().withQueues(queues);
        try (Stopper stopper = new Stopper();
                StatusLine status = StatusLine.on(err);
                NetDevice left = NetDevice.open(a, config);
                NetDevice right = NetDevice.open(b, config);
                Forwarding forwarding = new Forwarding(left, right, batch, !plainQueues, mode)) {
            var testers = Testers.of(left, right);
            Measurement measurement = new Measurement(forwarding, List.of(left, right), testers, stopper, status);
            measurement.start();
            forwarding.warnings().forEach(err::println);
            status.show("forwarding between %s and %s (%s) %s"
                    .formatted(left.name(), right.name(), forwarding.mode(), limits.describe()));
            return measurement.run(limits);
        }
    }
}
