package org.barewire.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.DeviceName;
import org.barewire.core.device.NetDevice;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.jspecify.annotations.Nullable;

/// The simulated cards of this process, opened by names like `sim:a`, and the simulation that they live in.
///
/// A card whose name says no wire has a {@link Tester} at the far end of a wire of its own. Two cards whose
/// names say the same wire (`sim:a?wire=w`, `sim:b?wire=w`) are joined by it. Any thread may call; what
/// happens to a tester is done through {@link Simulation#execute}.
public final class SimPorts {
    /// A card that is open.
    private record Port(
            Nic82599 nic,
            SharedWire wire,
            WireEnd end,
            @Nullable Tester tester) {}

    private static final int VECTORS = 64; // of MSI-X, that an 82599 has

    private static final class SharedWire {
        final String name;
        final Wire wire;
        final List<WireEnd> free = new ArrayList<>();

        SharedWire(String name, WireConfig config) {
            this.name = name;
            this.wire = new Wire(config);
            free.add(wire.left());
            free.add(wire.right());
        }
    }

    private static final Map<String, Port> PORTS = new LinkedHashMap<>(); // all of these guarded by the class
    private static final Map<String, SharedWire> WIRES = new LinkedHashMap<>();
    private static final List<String> COMPLAINTS = new ArrayList<>();
    private static @Nullable Simulation simulation;
    private static int opened;

    private SimPorts() {}

    /// The simulation; it runs in a thread of its own while any card is open.
    public static synchronized Simulation simulation() {
        if (simulation == null) {
            simulation = new Simulation("barewire-simulation");
        }
        return simulation;
    }

    /// The tester at the far end of an open card, if there is one.
    ///
    /// @param device the name without options, as in `sim:a`
    public static synchronized Optional<Tester> tester(String device) {
        Port port = PORTS.get(device);
        return port == null ? Optional.empty() : Optional.ofNullable(port.tester);
    }

    /// What the wire of an open card has done to the frames that were sent to it, and to those that it sent.
    ///
    /// @param device the name without options, as in `sim:a`
    public static synchronized Optional<Wire> wire(String device) {
        Port port = PORTS.get(device);
        return port == null ? Optional.empty() : Optional.of(port.wire.wire);
    }

    /// Every rule that a driver has broken on any card so far, each with the card's name in front.
    public static synchronized List<String> complaints() {
        List<String> all = new ArrayList<>(COMPLAINTS);
        PORTS.forEach((name, port) -> port.nic.complaints().forEach(text -> all.add(name + ": " + text)));
        return all;
    }

    static synchronized NetDevice open(DeviceName name, DeviceConfig config) {
        String device = name.device();
        if (PORTS.containsKey(device)) {
            throw new DeviceException(
                    "%s is open already; another name, like %s2, opens another card".formatted(device, device));
        }
        SimOptions options = SimOptions.parse(name, ++opened);
        Simulation running = simulation();
        Port port = plug(device, options, running);
        PORTS.put(device, port);
        running.start();
        Ixgbe card = Ixgbe.open(
                name.toString(),
                options.model(),
                port.nic.registers(),
                port.nic,
                new ModelInterrupts(port.nic, running::execute, Math.min(config.queues() + 1, VECTORS)),
                config,
                () -> close(device));
        if (port.tester != null && options.send() != null) {
            ProbeSource source = port.tester.source();
            running.execute(source::start);
        }
        return card;
    }

    private static Port plug(String device, SimOptions options, Simulation running) {
        Nic82599 nic = new Nic82599(device, options.model().deviceId(), options.address());
        String wireName = options.wire() == null ? device : "wire=" + options.wire();
        SharedWire shared = WIRES.get(wireName);
        if (shared == null) {
            shared = new SharedWire(wireName, options.wireConfig());
            WIRES.put(wireName, shared);
            running.add(shared.wire);
        }
        if (shared.free.isEmpty()) {
            nic.close();
            throw new DeviceException("wire %s has a card at each end already".formatted(options.wire()));
        }
        WireEnd end = shared.free.removeFirst();
        Tester tester = options.wire() == null ? new Tester(shared.wire.right(), options.testerConfig()) : null;
        running.execute(() -> nic.connect(end));
        running.add(nic);
        if (tester != null) {
            running.add(tester);
        }
        return new Port(nic, shared, end, tester);
    }

    private static synchronized void close(String device) {
        Port port = PORTS.remove(device);
        Simulation running = simulation();
        if (port == null) {
            return;
        }
        port.nic.complaints().forEach(text -> COMPLAINTS.add(device + ": " + text));
        running.remove(port.nic);
        running.execute(port.end::disconnect);
        port.wire.free.addFirst(port.end);
        port.nic.close();
        if (port.tester != null) {
            running.remove(port.tester);
            port.tester.close();
        }
        boolean stillUsed = PORTS.values().stream().anyMatch(other -> other.wire == port.wire);
        if (!stillUsed) {
            running.remove(port.wire.wire);
            port.wire.wire.close();
            WIRES.remove(port.wire.name);
        }
        if (PORTS.isEmpty()) {
            running.stop();
        }
    }
}
