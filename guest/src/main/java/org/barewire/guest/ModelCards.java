package org.barewire.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.Undo;
import org.barewire.sim.Nic82599;
import org.barewire.sim.PortEnd;
import org.barewire.sim.Simulation;
import org.barewire.sim.Tester;
import org.barewire.sim.TesterConfig;
import org.barewire.sim.Wire;
import org.barewire.sim.WireConfig;
import org.barewire.sim.WireEnd;
import org.barewire.sim.vfiouser.NicServer;

/// Models of the 82599 in this JVM, for a guest's drivers: they are in the guest what QEMU's vfio-user-pci makes
/// of them, at 0000:00:10.0 and so on. The guest's memory is {@linkplain GuestBuilder#sharedMemory shared}.
final class ModelCards implements AutoCloseable {
    private final Path folder;
    private final Simulation simulation = new Simulation("models");
    private final Undo closing = new Undo();
    private final List<Nic82599> cards = new ArrayList<>();

    ModelCards() {
        try {
            folder = Files.createTempDirectory("cards");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closing.add(simulation::close);
    }

    /// Adds a card whose wire ends at a port of this machine's.
    ///
    /// @param deviceId see {@link Nic82599}
    /// @param name     of the port, as in `tap:bw0`
    void addAt(String name, int deviceId) {
        Wire wire = wire();
        DeviceConfig config = DeviceConfig.standard();
        NetDevice port = NetDevice.open(name, config);
        closing.add(port::close);
        PortEnd end = new PortEnd(wire.right(), port, config.memory());
        simulation.add(end);
        closing.add(() -> simulation.remove(end));
        plug(wire.left(), deviceId);
    }

    /// Adds a card that a tester sends to, and returns the tester, which expects its frames back.
    Tester addTested(int deviceId, TesterConfig config) {
        Wire wire = wire();
        Tester tester = new Tester(wire.right(), config);
        simulation.add(tester);
        tester.sink().expect(tester.source());
        plug(wire.left(), deviceId);
        return tester;
    }

    /// Adds two cards that are connected to one another.
    void addPair(int deviceId, int otherDeviceId) {
        Wire wire = wire();
        plug(wire.left(), deviceId);
        plug(wire.right(), otherDeviceId);
    }

    private Wire wire() {
        Wire wire = new Wire(WireConfig.standard());
        simulation.add(wire);
        return wire;
    }

    private void plug(WireEnd end, int deviceId) {
        int index = cards.size();
        Nic82599 card = new Nic82599("card" + index, deviceId, address(index));
        simulation.add(card);
        card.connect(end);
        NicServer server = new NicServer(card, card.registers(), socket(index), event -> {});
        closing.add(server::close);
        cards.add(card);
    }

    MacAddress address(int index) {
        return new MacAddress(0x0200_0000_0010L + index);
    }

    Simulation simulation() {
        return simulation;
    }

    /// Rules of the datasheet that the driver of a card has broken, a sentence each.
    List<String> complaints(int index) {
        return cards.get(index).complaints();
    }

    /// Lets time pass, and returns the arguments of QEMU that put all cards in. There can be no more cards then.
    String[] start() {
        simulation.start();
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            arguments.add("-device");
            arguments.add(
                    "{\"driver\":\"vfio-user-pci\",\"addr\":\"0x%x\",\"socket\":{\"type\":\"unix\",\"path\":\"%s\"}}"
                            .formatted(0x10 + i, socket(i)));
        }
        return arguments.toArray(String[]::new);
    }

    private String socket(int index) {
        return folder.resolve("card" + index).toString();
    }

    @Override
    public void close() {
        closing.close();
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
