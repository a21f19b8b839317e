package org.barewire.cli;

import java.util.function.Consumer;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.drivers.SoftPort;
import org.barewire.drivers.ixgbe.IxgbeModel;
import org.barewire.sim.Nic82599;
import org.barewire.sim.Simulation;
import org.barewire.sim.WireEnd;
import org.barewire.sim.vfiouser.NicServer;

/// A model that is plugged into a wire, and served at a socket.
record ServedNic(Nic82599 nic, NicServer server) implements AutoCloseable {
    /// What stands between the server and the model's registers.
    interface Tap {
        Registers on(Registers registers);
    }

    /// A model whose link is up as soon as there is something at the other end of the wire.
    static ServedNic open(
            String socket,
            IxgbeModel model,
            MacAddress address,
            Simulation simulation,
            WireEnd end,
            Tap tap,
            Consumer<String> events) {
        Nic82599 nic = new Nic82599(socket, model.deviceId(), address);
        simulation.add(nic);
        simulation.execute(() -> nic.connect(end));
        return new ServedNic(nic, new NicServer(nic, tap.on(nic.registers()), socket, events));
    }

    /// An address that is always the same for a socket.
    static MacAddress addressOf(String socket) {
        return SoftPort.localAddress("nic:" + socket);
    }

    /// The model stays its simulation's.
    @Override
    public void close() {
        server.close();
    }
}
