package org.barewire.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Undo;
import org.barewire.drivers.ixgbe.IxgbeModel;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Load;
import org.barewire.sim.PortEnd;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.RegisterLog;
import org.barewire.sim.Simulation;
import org.barewire.sim.TestReport;
import org.barewire.sim.Tester;
import org.barewire.sim.TesterConfig;
import org.barewire.sim.Wire;
import org.barewire.sim.WireConfig;
import org.barewire.sim.WireEnd;
import org.barewire.sim.WireStatistics;
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
        description = {
            "Plays an Intel 82599 for a driver in QEMU or in another process (vfio-user), and complains of every",
            "rule of the datasheet that it breaks."
        },
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

    private final List<ServedNic> served = new ArrayList<>();
    private @Nullable Tester tester;

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        Simulation simulation = new Simulation("barewire-nic");
        try (Undo always = new Undo();
                Stopper stopper = new Stopper();
                StatusLine status = StatusLine.on(err)) {
            always.add(simulation::close);
            Wire line = new Wire(WireConfig.standard());
            simulation.add(line);
            MacAddress address = mac == null ? ServedNic.addressOf(socket) : address(mac);
            plugIn(address, simulation, line, err, always);
            serve(socket, line.left(), address, simulation, err, always);
            simulation.start();
            watch(simulation, line, stopper, status);
            served.forEach(ServedNic::close);
            simulation.stop();
            return report(line);
        }
    }

    private void serve(
            String path, WireEnd end, MacAddress address, Simulation simulation, PrintWriter err, Undo always)
            throws IOException {
        ServedNic.Tap tap = registers -> registers;
        if (log != null && path.equals(socket)) {
            var out = Files.newBufferedWriter(log);
            tap = registers -> {
                RegisterLog written = new RegisterLog(registers, out);
                always.add(written::close);
                return written;
            };
        }
        ServedNic nic = ServedNic.open(
                path, model(), address, simulation, end, tap, sentence -> {
                    err.println(sentence);
                    err.flush();
                });
        always.add(nic::close);
        served.add(nic);
    }

    /// What is at the other end is there before the card is.
    private void plugIn(MacAddress address, Simulation simulation, Wire line, PrintWriter err, Undo always)
            throws IOException {
        if (send != null && !wire.equals(TESTER)) {
            throw wrong("--send is for the tester, and --wire=" + wire + " is none", null);
        }
        if (wire.equals(TESTER)) {
            Tester plugged = new Tester(line.right(), testerConfig(address));
            simulation.add(plugged);
            simulation.execute(() -> plugged.sink().expect(plugged.source()));
            if (send != null) {
                simulation.execute(plugged.source()::start);
            }
            tester = plugged;
        } else if (wire.startsWith(NIC)) {
            String path = wire.substring(NIC.length());
            serve(path, line.right(), ServedNic.addressOf(path), simulation, err, always);
        } else {
            DeviceConfig config = DeviceConfig.standard();
            NetDevice port = NetDevice.open(wire, config);
            always.add(port::close);
            PortEnd end = new PortEnd(line.right(), port, config.memory());
            simulation.add(end);
        }
    }

    private void watch(Simulation simulation, Wire line, Stopper stopper, StatusLine status) {
        long start = System.nanoTime();
        int told = 0;
        status.show("serving an 82599 at %s %s".formatted(socket, run.describe()));
        while (!run.isOver(start, line.left().statistics().sent()) && !stopper.pause(50)) {
            simulation.check();
            List<String> complaints = complaints();
            for (; told < complaints.size(); told++) {
                status.show("the driver broke a rule of the datasheet: " + complaints.get(told));
            }
            if (status.isDue(System.nanoTime())) {
                status.show(summary(line));
            }
        }
        Tester plugged = tester;
        if (plugged != null) {
            simulation.execute(plugged.source()::stop);
            while (!plugged.sink().settled(System.nanoTime(), SETTLED) && !stopper.pause(50)) {
                simulation.check();
            }
        }
    }

    private String summary(Wire line) {
        WireStatistics in = line.right().statistics();
        WireStatistics out = line.left().statistics();
        return "%d frames to the card, %d from it, %d interrupts, %d complaints"
                .formatted(in.delivered(), out.sent(), interrupts(), complaints().size());
    }

    private int report(Wire line) {
        PrintWriter out = spec.commandLine().getOut();
        TestReport found = tester == null ? null : tester.sink().report();
        if (run.json()) {
            Json json = new Json()
                    .put("framesToCard", line.right().statistics().delivered())
                    .put("framesFromCard", line.left().statistics().sent())
                    .put("interrupts", interrupts())
                    .put("complaints", complaints());
            if (found != null) {
                json.put("testerSent", found.sent()).put("testerReceived", found.received());
                json.put("testerLost", found.lost()).put("testerCorrupted", found.corrupted());
            }
            out.println(json);
        } else {
            out.println(summary(line));
            if (found != null && found.sent() > 0) {
                out.println("the tester sent %d frames: %d came back, %d lost, %d corrupted"
                        .formatted(found.sent(), found.received(), found.lost(), found.corrupted()));
            }
        }
        out.flush();
        return complaints().isEmpty() ? Main.DONE : Main.FAILED;
    }

    private List<String> complaints() {
        return served.stream().flatMap(s -> s.nic().complaints().stream()).toList();
    }

    private long interrupts() {
        return served.stream().mapToLong(s -> s.server().interrupts()).sum();
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
