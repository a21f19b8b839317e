package org.barewire.drivers.vfiouser;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.barewire.core.device.DeviceException;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.DmaMapper;
import org.barewire.drivers.Steps;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciBar;
import org.barewire.drivers.pci.PciConfig;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.PciId;

/// A PCI device that another process plays, a vfio-user server.
///
/// Registers are read by a message and its reply, some microseconds each, and written by a message that waits
/// for none. When the server is gone, registers read as all ones and everything else fails with what happened.
public final class VfioUserDevice implements PciDevice {
    private static final int LEAST_CONFIG = 256;
    private static final int PATIENCE = 5000; // milliseconds, as QEMU's

    private final VfioUserSession session;
    private final PciConfig config;
    private final PciId id;
    private final RemoteDma dma;
    private final Map<Integer, PciBar> bars = new TreeMap<>();

    private VfioUserDevice(VfioUserSession session) {
        this.session = session;
        checkKind();
        RemoteRegion region = RemoteRegion.of(session, VfioUserCommand.REGION_CONFIG);
        if (region.size() < LEAST_CONFIG) {
            throw new DeviceException(
                    "the vfio-user server at %s plays a device without configuration space".formatted(session.path()));
        }
        config = new PciConfig(region);
        id = PciId.of(config);
        dma = new RemoteDma(session);
        setCommand(PciConfig.COMMAND_MEMORY | PciConfig.COMMAND_IO, true);
    }

    /// Connects to a server.
    ///
    /// @param path the socket that it listens on
    /// @throws DeviceException if it isn't there, or plays no PCI device
    public static VfioUserDevice open(String path) {
        return open(path, PATIENCE);
    }

    static VfioUserDevice open(String path, int patience) {
        VfioUserSession session = VfioUserSession.connect(path, patience);
        try {
            return new VfioUserDevice(session);
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private void checkKind() {
        ByteBuffer question = VfioUserMessage.payload(VfioUserCommand.DEVICE_INFO_BYTES);
        question.putInt(VfioUserCommand.DEVICE_INFO_BYTES);
        ByteBuffer answer = session.request(
                "describe its device", VfioUserCommand.DEVICE_GET_INFO, question, VfioUserCommand.DEVICE_INFO_BYTES);
        if ((answer.getInt(4) & VfioUserCommand.DEVICE_PCI) == 0 || answer.getInt(8) <= VfioUserCommand.REGION_CONFIG) {
            throw new DeviceException("the vfio-user server at %s plays no PCI device".formatted(session.path()));
        }
    }

    /// What became of the server, as in `has closed the connection`; empty if nothing has been heard.
    public String ending() {
        return session.ending();
    }

    @Override
    public String address() {
        return session.path();
    }

    @Override
    public PciId id() {
        return id;
    }

    @Override
    public int numaNode() {
        return Numa.NO_NODE;
    }

    @Override
    public PciConfig config() {
        return config;
    }

    @Override
    public PciBar bar(int index) {
        PciBar bar = bars.get(index);
        if (bar == null) {
            bar = RemoteRegion.of(session, index);
            if (index < 0 || index >= VfioUserCommand.BARS || bar.size() == 0) {
                throw new DeviceException("%s at %s has no BAR %d".formatted(id, session.path(), index));
            }
            bars.put(index, bar);
        }
        return bar;
    }

    @Override
    public DmaMapper dma() {
        return dma;
    }

    @Override
    public int interruptVectors() {
        return RemoteInterrupts.count(session, bestKind());
    }

    @Override
    public Interrupts interrupts(int vectors) {
        Interrupts.Kind kind = bestKind();
        int most = RemoteInterrupts.count(session, kind);
        if (vectors < 1 || vectors > most) {
            throw new DeviceException(
                    "%s at %s has %d interrupts, not %d".formatted(id, session.path(), most, vectors));
        }
        return RemoteInterrupts.open(session, kind, vectors);
    }

    private Interrupts.Kind bestKind() {
        for (Interrupts.Kind kind : Interrupts.Kind.values()) {
            if (RemoteInterrupts.count(session, kind) > 0) {
                return kind;
            }
        }
        return Interrupts.Kind.INTX;
    }

    @Override
    public void reset() {
        int command = config.read16(PciConfig.COMMAND);
        session.request("reset its device", VfioUserCommand.DEVICE_RESET, VfioUserMessage.payload(0), 0);
        config.write16(PciConfig.COMMAND, command);
    }

    @Override
    public void setBusMaster(boolean on) {
        setCommand(PciConfig.COMMAND_BUS_MASTER, on);
    }

    private void setCommand(int bits, boolean on) {
        int command = config.read16(PciConfig.COMMAND);
        config.write16(PciConfig.COMMAND, on ? command | bits : command & ~bits);
    }

    @Override
    public void close() {
        Steps steps = new Steps();
        if (session.isAlive()) {
            steps.take(() -> setBusMaster(false));
        }
        steps.take(session::close);
        steps.end();
    }
}
