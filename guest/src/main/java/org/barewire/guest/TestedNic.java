package org.barewire.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Load;
import org.barewire.sim.Nic82599;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.Simulation;
import org.barewire.sim.TestReport;
import org.barewire.sim.Tester;
import org.barewire.sim.TesterConfig;
import org.barewire.sim.Wire;
import org.barewire.sim.WireConfig;
import org.barewire.sim.vfiouser.NicServer;

/// A model of the 82599 for a guest's driver, in this JVM, with a tester at the other end of its wire: numbered frames
/// of many sizes and flows, whose return the tester checks.
///
/// Belongs to one thread.
final class TestedNic implements AutoCloseable {
    private static final int FLOWS = 64;
    private static final int WINDOW = 64;
    private static final long QUIET_NANOS = 2_000_000_000L;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Path folder;
    private final Simulation simulation = new Simulation("nic");
    private final Nic82599 nic;
    private final Tester tester;
    private final NicServer server;

    /// @param deviceId see {@link Nic82599}
    /// @param vlan     of the tester's frames; 0 for no tag
    TestedNic(int deviceId, int vlan) {
        try {
            folder = Files.createTempDirectory("nic");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        MacAddress address = new MacAddress(0x0200_0000_0010L);
        Wire wire = new Wire(WireConfig.standard());
        nic = new Nic82599("tested", deviceId, address);
        tester = new Tester(
                wire.right(),
                TesterConfig.standard()
                        .withHeaders(ProbeHeaders.standard()
                                .withDestination(address)
                                .withVlan(vlan)
                                .withFlows(FLOWS))
                        .withSizes(FrameSizes.IMIX)
                        .withLoad(Load.full().withWindow(WINDOW)));
        tester.sink().expect(tester.source());
        simulation.add(wire);
        simulation.add(tester);
        simulation.add(nic);
        nic.connect(wire.left());
        server = new NicServer(nic, nic.registers(), socket(), event -> {});
        simulation.start();
    }

    /// The arguments of QEMU that put it into a guest, at 0000:00:SLOT.0.
    String[] device(int slot) {
        return ServedNic.device(slot, socket());
    }

    /// Sends frames and says what came back, when all have or nothing more does.
    TestReport send(int frames) {
        simulation.execute(() -> {
            tester.sink().mark();
            tester.source().start(frames);
        });
        Registers.await(() -> tester.sink().settled(System.nanoTime(), QUIET_NANOS), PATIENCE_NANOS);
        return tester.sink().report();
    }

    /// Rules of the datasheet that drivers have broken so far, a sentence each.
    List<String> complaints() {
        return nic.complaints();
    }

    private String socket() {
        return folder.resolve("socket").toString();
    }

    @Override
    public void close() {
        server.close();
        simulation.close();
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
