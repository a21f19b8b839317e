package org.barewire.cli;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Undo;
import org.barewire.sim.Nic82599;
import org.barewire.sim.PortEnd;
import org.barewire.sim.RegisterLog;
import org.barewire.sim.Simulation;
import org.barewire.sim.Tester;
import org.barewire.sim.TesterConfig;
import org.barewire.sim.Wire;
import org.barewire.sim.WireConfig;
import org.barewire.sim.WireEnd;
import org.barewire.sim.WireStatistics;
import org.barewire.sim.vfiouser.NicServer;
import org.jspecify.annotations.Nullable;

/// A wire with a served card at its left end, and something else at the right one: a tester, a port, another
/// card. For one thread.
final class NicBench implements AutoCloseable {
    private final Simulation simulation = new Simulation("barewire-nic");
    private final Wire wire = new Wire(WireConfig.standard());
    private final List<Nic82599> cards = new ArrayList<>();
    private final List<NicServer> servers = new ArrayList<>();
    private final List<RegisterLog> logs = new ArrayList<>();
    private final Undo closing = new Undo();

    NicBench() {
        closing.add(simulation::close);
        simulation.add(wire);
    }

    /// The end for the card that this is about.
    WireEnd near() {
        return wire.left();
    }

    WireEnd far() {
        return wire.right();
    }

    /// An address that is always the same for a socket.
    static MacAddress addressOf(String socket) {
        return new MacAddress(0x02BA_5E00_0000L | socket.hashCode() & 0xFF_FFFFL);
    }

    /// Plugs a tester in at the far end, which expects its own frames back.
    Tester plugTester(TesterConfig config) {
        Tester tester = new Tester(far(), config);
        simulation.add(tester);
        tester.sink().expect(tester.source());
        return tester;
    }

    /// Plugs a port in at the far end.
    void plugPort(String name) {
        DeviceConfig config = DeviceConfig.standard();
        NetDevice port = NetDevice.open(name, config);
        closing.add(port::close);
        PortEnd end = new PortEnd(far(), port, config.memory());
        simulation.add(end);
        closing.add(() -> {
            simulation.remove(end);
            end.close();
        });
    }

    /// Plugs a card in, and serves it.
    ///
    /// @param log    takes its register accesses
    /// @param events is told who comes and goes
    void serve(
            String socket,
            int deviceId,
            MacAddress address,
            WireEnd end,
            @Nullable Writer log,
            Consumer<String> events) {
        Nic82599 nic = new Nic82599(socket, deviceId, address);
        simulation.add(nic);
        nic.connect(end);
        Registers registers = nic.registers();
        if (log != null) {
            RegisterLog written = new RegisterLog(registers, log);
            closing.add(written::close);
            logs.add(written);
            registers = written;
        }
        NicServer server = new NicServer(nic, registers, socket, events);
        closing.add(server::close);
        cards.add(nic);
        servers.add(server);
    }

    /// Lets time pass, when everything has been plugged in.
    void start() {
        simulation.start();
    }

    Simulation simulation() {
        return simulation;
    }

    /// No driver is served any more.
    void stopServing() {
        servers.forEach(NicServer::close);
    }

    /// Has what was logged so far where its reader sees it.
    ///
    /// @throws IOException if a log can't be written, now or since the last time
    void flushLog() throws IOException {
        for (RegisterLog log : logs) {
            log.flush();
        }
    }

    List<String> complaints() {
        return cards.stream().flatMap(card -> card.complaints().stream()).toList();
    }

    long interrupts() {
        return servers.stream().mapToLong(NicServer::interrupts).sum();
    }

    WireStatistics fromCard() {
        return near().statistics();
    }

    WireStatistics toCard() {
        return far().statistics();
    }

    /// Everything is closed, whatever fails.
    @Override
    public void close() {
        closing.close();
    }
}
