package org.barewire.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.NetDevice;
import org.barewire.sim.Load;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `barewire demo`: the whole way of a packet, on a machine without any network card.
@Command(
        name = "demo",
        description = "Forwards packets between two simulated cards and checks each of them: needs no hardware.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final String COMMAND = System.getProperty("barewire.command", "barewire"); // as it was called
    private static final double SECONDS = 10;
    private static final long WARM_UP_MILLIS = 1000;
    private static final int BATCH = 32;
    private static final int RING = 1024;
    private static final int WINDOW = RING / 2; // frames under way: no ring overflows
    private static final int CHECK_SEQUENCE = 4;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions limits;

    @Option(
            names = "--size",
            defaultValue = "64",
            description = "Frame size in bytes on the wire, 64 to 1518, or imix (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(
            names = "--rate",
            description = "Send at a rate, like 1mpps or 5g, instead of as fast as packets come through.")
    private @Nullable String rate;

    @Option(
            names = "--window",
            defaultValue = "" + WINDOW,
            description = "Packets under way at most, without --rate; those not back within 1 s count no more"
                    + " (default: ${DEFAULT-VALUE}).")
    private int window;

    @Mixin
    private Impairments impairments;

    @Override
    public Integer call() {
        Load load = load();
        String bytes = frameBytes();
        PrintWriter err = spec.commandLine().getErr();
        Complaints complaints = new Complaints();
        limits.limitTo(SECONDS);
        ForwardingReport report;
        try (Stopper stopper = new Stopper()) {
            introduce(err);
            report = run(load, bytes, err, stopper);
        }
        print(report);
        boolean lossy = rate == null && !impairments.any() && !report.isClean();
        if (lossy) {
            err.println("packets did not all arrive once, in order and intact, though nothing was to harm them");
        }
        report.faults().forEach(err::println);
        return complaints.print(err) || lossy || !report.faults().isEmpty() ? Main.FAILED : Main.DONE;
    }

    private Load load() {
        if (window < 1 || window >= RING) {
            throw wrong("--window=%d: from 1 to %d is possible".formatted(window, RING - 1), null);
        }
        if (rate != null && spec.commandLine().getParseResult().hasMatchedOption("--window")) {
            throw wrong("--window is for sending as fast as packets come through; leave it or --rate out", null);
        }
        try {
            impairments.check();
            return rate == null ? Load.full().withWindow(window) : Load.parse(rate);
        } catch (DeviceException e) {
            throw wrong("--rate=" + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage(), e);
        }
    }

    private String frameBytes() {
        if (size.equals("imix")) {
            return size;
        }
        try {
            int bytes = Integer.parseInt(size);
            if (bytes >= 64 && bytes <= 1518) {
                return Integer.toString(bytes - CHECK_SEQUENCE);
            }
        } catch (NumberFormatException e) {
            throw wrong("--size=%s: a frame size from 64 to 1518, or imix, is needed".formatted(size), e);
        }
        throw wrong("--size=%s: a frame size from 64 to 1518, or imix, is needed".formatted(size), null);
    }

    private ParameterException wrong(@Nullable String sentence, @Nullable Exception cause) {
        return new ParameterException(spec.commandLine(), String.valueOf(sentence), cause);
    }

    private ForwardingReport run(Load load, String bytes, PrintWriter err, Stopper stopper) {
        DeviceConfig config = DeviceConfig.standard().withDescriptors(RING, RING);
        try (StatusLine status = StatusLine.on(err);
                NetDevice a = NetDevice.open("sim:a?size=" + bytes, config);
                NetDevice b = NetDevice.open("sim:b" + impairments.options(), config);
                Forwarding forwarding = new Forwarding(a, b, BATCH, true, RxMode.POLLING)) {
            Testers testers = Testers.of(a, b).orElseThrow();
            testers.load(load);
            Measurement measurement = new Measurement(forwarding, List.of(a, b), Optional.of(testers), stopper, status);
            measurement.start();
            measurement.warmUp(WARM_UP_MILLIS);
            return measurement.run(limits);
        }
    }

    private void introduce(PrintWriter err) {
        String how = rate == null
                ? "at most %d under way".formatted(window)
                : "at " + rate + (rate.matches(".*[0-9]") ? " bit/s" : "");
        err.printf(
                "sim:a and sim:b are simulated Intel 82599 cards, driven by Barewire's ixgbe driver.%n"
                        + "A tester at the far end of sim:a sends numbered frames (%s, %s),%n"
                        + "the forwarder passes them on to sim:b, and a tester at the far end of sim:b checks each one%n"
                        + "%s, after a second to warm up.%n",
                size.equals("imix") ? size : size + " bytes", how, limits.describe());
        err.flush();
    }

    private void print(ForwardingReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if (limits.json()) {
            out.println(report.toJson());
        } else {
            out.println(report);
            out.println(
                    impairments.any()
                            ? "Next, forward between cards yourself: %s fwd 'sim:a?send=1mpps' sim:b --time 5"
                                    .formatted(COMMAND)
                            : "Next, let the wire lose some: %s demo --loss 0.01 --seed 7 --time 5".formatted(COMMAND));
        }
        out.flush();
    }
}
