package org.barewire.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.barewire.core.device.DeviceException;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.ixgbe.IxgbeModel;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Load;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.TestReport;
import org.barewire.sim.Tester;
import org.barewire.sim.TesterConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `barewire nic`: the model of the 82599, for other people's drivers.
@Command(
        name = "nic",
        description = "Plays an Intel 82599 for a driver in QEMU or in another process (vfio-user), and complains of"
                + " every rule of the datasheet that it breaks.",
        footer = {
            "",
            "Example: barewire nic --socket /run/nic.sock --wire tap:bw0, and in QEMU",
            "-device '{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"/run/nic.sock\"}}'"
        },
        mixinStandardHelpOptions = true)
final class NicCommand implements Callable<Integer> {
    private static final String TESTER = "tester";
    private static final String NIC = "nic:";
    private static final long SETTLED = 1_000_000_000; // nanoseconds without a frame

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions run;

    @Option(names = "--socket", required = true, description = "Where the driver connects to.")
    private String socket;

    @Option(
            names = "--model",
            defaultValue = "10fb",
            description = "PCI device id: 10fb, an 82599 with an SFP+ cage (default), or 10f7 or 1517, on backplanes.")
    private String model;

    @Option(names = "--mac", description = "Ethernet address, like 02:00:00:00:00:01 (default: made of the socket).")
    private @Nullable String mac;

    @Option(
            names = "--wire",
            paramLabel = "END",
            defaultValue = TESTER,
            description = "What is at the other end of its wire: tester (default), any port like tap:bw0,"
                    + " or nic:SOCKET for another card that is served there.")
    private String wire;

    @Option(names = "--send", paramLabel = "RATE", description = "What the tester sends: 100kpps, 5g, unlimited.")
    private @Nullable String send;

    @Option(names = "--size", defaultValue = "60", description = "Bytes of the tester's frames, or imix (default: 60).")
    private String size;

    @Option(names = "--log-registers", paramLabel = "FILE", description = "Write down every access to a register.")
    private @Nullable Path log;

    private @Nullable Tester tester;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        IxgbeModel card = model();
        MacAddress address = mac == null ? NicBench.addressOf(socket) : address(mac);
        TesterConfig sending = testerConfig(address);
        if (send != null && !wire.equals(TESTER)) {
            throw wrong("--send is for the tester, and --wire=" + wire + " is none", null);
        }
        if (wire.startsWith(NIC) && isSocket(wire.substring(NIC.length()))) {
            throw wrong("--wire=" + wire + ": a card cannot be its own wire; name another socket", null);
        }
        try (Stopper stopper = new Stopper();
                StatusLine status = StatusLine.on(err);
                NicBench bench = new NicBench()) {
            plugIn(bench, card, sending, err); // is there before the card is
            Writer writer = log == null ? null : Files.newBufferedWriter(log);
            bench.serve(socket, card.deviceId(), address, bench.near(), writer, sentence -> tell(err, sentence));
            bench.start();
            watch(bench, stopper, status);
            bench.stopServing();
            bench.simulation().stop();
            flushLog(bench);
            return report(bench);
        }
    }

    private boolean isSocket(String path) {
        return absolute(path).equals(absolute(socket));
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }

    private void plugIn(NicBench bench, IxgbeModel card, TesterConfig sending, PrintWriter err) {
        if (wire.equals(TESTER)) {
            Tester plugged = bench.plugTester(sending);
            if (send != null) {
                plugged.source().start();
            }
            tester = plugged;
        } else if (wire.startsWith(NIC)) {
            String path = wire.substring(NIC.length());
            MacAddress address = NicBench.addressOf(path);
            bench.serve(path, card.deviceId(), address, bench.far(), null, sentence -> tell(err, sentence));
        } else {
            bench.plugPort(wire);
        }
    }

    private static void tell(PrintWriter err, String sentence) {
        err.println(sentence);
        err.flush();
    }

    /// Has everything logged in the file, or ends the command.
    private void flushLog(NicBench bench) throws IOException {
        try {
            bench.flushLog();
        } catch (IOException e) {
            throw new IOException("--log-registers %s: %s".formatted(log, e.getMessage()), e);
        }
    }

    private void watch(NicBench bench, Stopper stopper, StatusLine status) throws IOException {
        long start = System.nanoTime();
        int told = 0;
        status.show("serving an 82599 at %s %s".formatted(socket, run.describe()));
        while (!run.isOver(start, bench.fromCard().sent()) && !stopper.pause(50)) {
            bench.simulation().check();
            flushLog(bench);
            List<String> complaints = bench.complaints();
            for (; told < complaints.size(); told++) {
                status.tell("the driver broke a rule of the datasheet: " + complaints.get(told));
            }
            if (status.isDue(System.nanoTime())) {
                status.show(summary(bench));
            }
        }
        Tester plugged = tester;
        if (plugged != null) {
            bench.simulation().execute(plugged.source()::stop);
            while (!plugged.sink().settled(System.nanoTime(), SETTLED) && !stopper.pause(50)) {
                bench.simulation().check();
            }
        }
    }

    private static String summary(NicBench bench) {
        return "%d frames to the card, %d from it, %d interrupts, %d complaints"
                .formatted(
                        bench.toCard().delivered(),
                        bench.fromCard().sent(),
                        bench.interrupts(),
                        bench.complaints().size());
    }

    private int report(NicBench bench) {
        PrintWriter out = spec.commandLine().getOut();
        TestReport found = tester == null ? null : tester.sink().report();
        if (run.json()) {
            Json json = new Json()
                    .put("frames_to_card", bench.toCard().delivered())
                    .put("frames_from_card", bench.fromCard().sent())
                    .put("interrupts", bench.interrupts())
                    .put("complaints", bench.complaints());
            if (found != null) {
                json.put("tester_sent", found.sent()).put("tester_received", found.received());
                json.put("tester_lost", found.lost()).put("tester_corrupted", found.corrupted());
            }
            out.println(json);
        } else {
            out.println(summary(bench));
            if (found != null && found.sent() > 0) {
                out.println("the tester sent %d frames: %d came back, %d lost, %d corrupted"
                        .formatted(found.sent(), found.received(), found.lost(), found.corrupted()));
            }
        }
        out.flush();
        return bench.complaints().isEmpty() ? Main.DONE : Main.FAILED;
    }

    private IxgbeModel model() {
        try {
            return IxgbeModel.of(model.equals("82599") ? IxgbeModel.SFP.deviceId() : Integer.parseInt(model, 16))
                    .orElseThrow(() -> wrong("--model=%s is none that there is a model of".formatted(model), null));
        } catch (NumberFormatException e) {
            throw wrong("--model=%s: a PCI device id like 10fb is needed".formatted(model), e);
        }
    }

    private MacAddress address(String text) {
        try {
            return MacAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong("--mac=%s: %s".formatted(text, e.getMessage()), e);
        }
    }

    private TesterConfig testerConfig(MacAddress address) {
        try {
            return TesterConfig.standard()
                    .withHeaders(ProbeHeaders.standard().withDestination(address))
                    .withSizes(FrameSizes.parse(size))
                    .withLoad(send == null ? Load.full() : Load.parse(send));
        } catch (IllegalArgumentException | DeviceException e) {
            throw wrong(String.valueOf(e.getMessage()), e);
        }
    }

    private ParameterException wrong(String sentence, @Nullable Exception cause) {
        return new ParameterException(spec.commandLine(), sentence, cause);
    }
}
