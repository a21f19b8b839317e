package org.barewire.cli;

import java.util.stream.LongStream;
import org.barewire.core.device.DeviceException;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.core.packet.Tcp;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Load;
import org.barewire.sim.Probe;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.ProbeWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The options that say which frames are sent, and how fast.
final class FrameOptions {
    private static final int CHECK_SEQUENCE = 4;
    private static final int MAX_SIZE = 9728; // of a device with the largest MTU
    private static final int[] IMIX_LENGTHS = LongStream.range(0, 12)
            .mapToInt(FrameSizes.IMIX::size)
            .distinct()
            .sorted()
            .toArray();
    private static final long CATCH_UP_NANOS = 1_000_000;

    @Option(
            names = "--rate",
            defaultValue = "unlimited",
            description = "All queues together: 1.5mpps, 500kpps; 2.5g, 100m (bit/s with framing); unlimited.")
    private String rate;

    @Option(
            names = "--size",
            defaultValue = "64",
            description = "Bytes with check sequence, 64 and more, or imix; what is too small for the headers"
                    + " becomes as large as need be (default: ${DEFAULT-VALUE}).")
    private String size;

    @Option(names = "--flows", defaultValue = "1", description = "Source ports, used in turn (default: 1).")
    private int flows;

    @Option(names = "--dst", paramLabel = "MAC", defaultValue = "02:00:00:00:00:02", description = "Destination.")
    private String destination;

    @Option(names = "--src", paramLabel = "MAC", description = "Source (default: the device's address).")
    private @Nullable String source;

    @Option(names = "--vlan", paramLabel = "ID", defaultValue = "0", description = "VLAN tag, 1 to 4094.")
    private int vlan;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--ip4", paramLabel = "SRC,DST", description = "IPv4 addresses.")
    private @Nullable String ip4;

    @Option(names = "--ip6", paramLabel = "SRC,DST", description = "IPv6 addresses.")
    private @Nullable String ip6;

    @Option(names = "--udp", paramLabel = "SPORT,DPORT", description = "UDP ports.")
    private @Nullable String udp;

    @Option(names = "--tcp", paramLabel = "SPORT,DPORT", description = "TCP ports, with ACK set.")
    private @Nullable String tcp;

    /// Finds what is wrong before anything is opened.
    ///
    /// @throws IllegalArgumentException with what is wrong in its message
    void check() {
        load();
        sizes();
        if (vlan == 0 && spec.commandLine().getParseResult().hasMatchedOption("--vlan")) {
            throw new IllegalArgumentException("--vlan 0: 1 to 4094 are possible");
        }
        headers(MacAddress.BROADCAST);
        if (ip4 != null && ip6 != null || udp != null && tcp != null) {
            throw new IllegalArgumentException("one of --ip4 and --ip6, and one of --udp and --tcp, is possible");
        }
        if (firstPort() + flows > 0x10000) {
            throw new IllegalArgumentException(
                    "--flows %d: there are not so many source ports from %d on".formatted(flows, firstPort()));
        }
        frame(MacAddress.BROADCAST, 0);
    }

    private Load load() {
        try {
            return Load.parse(rate);
        } catch (DeviceException e) {
            throw new IllegalArgumentException("--rate: " + e.getMessage(), e);
        }
    }

    /// A share of the rate.
    Pacer pacer(int queues, long startNanos) {
        Load load = load();
        return new Pacer(
                (double) load.framesPerSecond() / queues,
                (double) load.bitsPerSecond() / queues,
                startNanos,
                CATCH_UP_NANOS);
    }

    /// Did frames go out at less than this share of the rate that was asked for?
    boolean isBelowRate(Rates reached, double share) {
        Load load = load();
        return reached.mpps() * 1e6 < share * load.framesPerSecond()
                || reached.framedMbit() * 1e6 < share * load.bitsPerSecond();
    }

    FrameSizes sizes() {
        if (isMix()) {
            return FrameSizes.IMIX;
        }
        try {
            int bytes = Integer.parseInt(size);
            if (bytes >= Probe.MIN_LENGTH + CHECK_SEQUENCE && bytes <= MAX_SIZE) {
                return FrameSizes.fixed(bytes - CHECK_SEQUENCE);
            }
        } catch (NumberFormatException e) {
            throw wrongSize();
        }
        throw wrongSize();
    }

    /// The longest frame, without check sequence, unless the headers need more.
    int maxLength() {
        return isMix() ? IMIX_LENGTHS[IMIX_LENGTHS.length - 1] : sizes().size(0);
    }

    private boolean isMix() {
        return size.equals("imix");
    }

    private IllegalArgumentException wrongSize() {
        return new IllegalArgumentException(
                "--size %s: 64 to %d bytes, or imix, are possible".formatted(size, MAX_SIZE));
    }

    /// A writer of its own for a queue: of probes, unless addresses or ports are asked for.
    ///
    /// @param device address of the device
    FrameWriter writer(MacAddress device, int queue, PacketPool pool) {
        if (ip4 == null && ip6 == null && udp == null && tcp == null) {
            return new FrameWriter.Probes(new ProbeWriter(headers(device), queue + 1));
        }
        int[] lengths = isMix() ? IMIX_LENGTHS : new int[] {maxLength()};
        return new TemplateWriter(length -> frame(device, length), lengths, flows, pool);
    }

    private ProbeHeaders headers(MacAddress device) {
        return new ProbeHeaders(MacAddress.parse(destination), source(device), vlan, false, flows);
    }

    private MacAddress source(MacAddress device) {
        return source == null ? device : MacAddress.parse(source);
    }

    /// A frame of at least `length` bytes with room for sequence number and time.
    private byte[] frame(MacAddress device, int length) {
        FrameBuilder frame = FrameBuilder.ethernet(source(device), MacAddress.parse(destination));
        if (vlan != 0) {
            frame.vlan(vlan);
        }
        if (ip6 != null) {
            String[] addresses = pair("--ip6", ip6);
            frame.ipv6(addresses[0], addresses[1]);
        } else {
            String[] addresses = pair("--ip4", ip4 == null ? "198.18.0.1,198.19.0.1" : ip4); // RFC 6890, 2.2.2
            frame.ipv4(addresses[0], addresses[1]);
        }
        if (tcp != null) {
            frame.tcp(firstPort(), port("--tcp", tcp, 1), 0, 0, Tcp.ACK);
        } else {
            frame.udp(firstPort(), udp == null ? 9 : port("--udp", udp, 1));
        }
        return frame.payload(new byte[TemplateWriter.NUMBERS]).length(length).build();
    }

    private int firstPort() {
        if (tcp != null) {
            return port("--tcp", tcp, 0);
        }
        return udp == null ? ProbeHeaders.FIRST_PORT : port("--udp", udp, 0);
    }

    private static int port(String option, String text, int index) {
        try {
            int port = Integer.parseInt(pair(option, text)[index]);
            if (port >= 0 && port <= 0xFFFF) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("%s %s: two ports are needed, like 1000,53".formatted(option, text), e);
        }
        throw new IllegalArgumentException("%s %s: ports are from 0 to 65535".formatted(option, text));
    }

    private static String[] pair(String option, String text) {
        String[] parts = text.split(",", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("%s %s: source,destination is needed".formatted(option, text));
        }
        return parts;
    }
}
