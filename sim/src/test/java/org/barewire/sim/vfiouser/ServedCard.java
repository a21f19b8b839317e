package org.barewire.sim.vfiouser;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.IxgbeModel;
import org.barewire.drivers.vfiouser.VfioUserDevice;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Load;
import org.barewire.sim.Nic82599;
import org.barewire.sim.ProbeHeaders;
import org.barewire.sim.Simulation;
import org.barewire.sim.Tester;
import org.barewire.sim.TesterConfig;
import org.barewire.sim.Wire;
import org.barewire.sim.WireConfig;

/// A model that is served at a socket, with a tester at the other end of its wire that expects its own frames
/// back.
final class ServedCard implements AutoCloseable {
    static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");

    final String socket;
    final Simulation simulation = new Simulation("served");
    final Nic82599 nic = new Nic82599("served", 0x10FB, MAC);
    final Tester tester;
    final List<String> events = new CopyOnWriteArrayList<>();
    final NicServer server;
    final PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);

    ServedCard(Path folder) {
        socket = folder.resolve("nic.sock").toString();
        Wire wire = new Wire(WireConfig.standard());
        simulation.add(wire);
        simulation.add(nic);
        nic.connect(wire.left());
        tester = new Tester(
                wire.right(),
                TesterConfig.standard()
                        .withHeaders(ProbeHeaders.standard().withDestination(MAC))
                        .withSizes(FrameSizes.IMIX)
                        .withLoad(Load.full().withWindow(256)));
        tester.sink().expect(tester.source());
        simulation.add(tester);
        simulation.start();
        server = new NicServer(nic, nic.registers(), socket, events::add);
    }

    /// The ixgbe driver at this end of the socket.
    Ixgbe drive() {
        VfioUserDevice device = VfioUserDevice.open(socket);
        device.setBusMaster(true);
        Ixgbe driver = Ixgbe.open(
                "vfio-user:" + socket,
                IxgbeModel.SFP,
                device.bar(0).registers(),
                device.dma(),
                DeviceConfig.standard().withMemory(memory),
                device);
        driver.awaitLink(Duration.ofSeconds(5));
        return driver;
    }

    /// Has the tester send so many frames, and the driver send them back.
    void bounce(Ixgbe driver, long frames) {
        var rx = driver.rx(0);
        var tx = driver.tx(0);
        simulation.execute(() -> tester.source().start(frames));
        long[] packets = new long[32];
        long end = System.nanoTime() + 60_000_000_000L;
        for (long done = 0; done < frames && System.nanoTime() < end; ) {
            int received = rx.receive(packets);
            for (int sent = 0; sent < received; ) {
                sent += tx.send(packets, sent, received - sent);
            }
            done += received;
        }
        while (!tester.sink().settled(System.nanoTime(), 100_000_000) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        server.close();
        simulation.close();
        memory.close();
    }
}
