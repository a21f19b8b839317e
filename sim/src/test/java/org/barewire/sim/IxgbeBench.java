package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.DmaMapper;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.MacAddress;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.IxgbeModel;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.Throttle;

/// The ixgbe driver on a card whose time the test moves by hand: each register read lets a microsecond pass,
/// which is enough for the control plane, and the data path, which reads none, waits for {@link #step}.
///
/// Closing it checks that no rule was broken and that the memory came home.
final class IxgbeBench implements AutoCloseable {
    static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");

    /// An access of the driver's.
    record Access(boolean write, int offset, int value) {}

    final PacketMemory memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    final Nic82599 nic = new Nic82599("bench", 0x10FB, MAC);
    final Wire wire = new Wire(WireConfig.standard().withRate(0));
    final List<Access> accesses = new ArrayList<>();
    final List<byte[]> frames = new ArrayList<>(); // that the card has sent
    private final PacketMemory own =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final long scratch = own.add(1).address();
    private final Endpoint far = (address, length, damaged) -> frames.add(Bench.bytes(address, length));
    IntUnaryOperator faultyRead = offset -> 0; // bits that are read wrong
    private int faultyWrite = -1;
    DmaMapper dma = nic;
    private final Thread owner = Thread.currentThread();
    boolean recording = true;
    int released;
    long now;

    IxgbeBench() {
        nic.connect(wire.left());
        wire.right().connect(far);
    }

    DeviceConfig config() {
        return DeviceConfig.standard()
                .withMemory(memory)
                .withDescriptors(64, 64)
                .withPoolSize(256);
    }

    Ixgbe open(DeviceConfig config) {
        return open(IxgbeModel.SFP, UnaryOperator.identity(), config);
    }

    /// Opens the card as if it were another model.
    ///
    /// @param difference what that model's registers do differently
    Ixgbe open(IxgbeModel model, UnaryOperator<Registers> difference, DeviceConfig config) {
        return Ixgbe.open("bench", model, difference.apply(new Recorder()), dma, config, () -> released++);
    }

    Ixgbe open(DeviceConfig config, Interrupts interrupts, Throttle throttle) {
        return Ixgbe.open("bench", IxgbeModel.SFP, new Recorder(), dma, interrupts, throttle, config, () -> released++);
    }

    /// Has every read of a register fail from now on, as if the device had gone.
    void failReads(int register) {
        faultyRead = offset -> {
            if (offset == register) {
                throw new DeviceException("0x%05x can't be read".formatted(register));
            }
            return 0;
        };
    }

    void failWrites(int register) {
        faultyWrite = register;
    }

    /// Has the far end send a frame.
    void arrive(byte[] frame) {
        Memory.copy(frame, 0, scratch, frame.length);
        wire.right().send(now, scratch, frame.length);
        step();
    }

    /// Has a frame arrive whose check sequence does not fit.
    void arriveDamaged(byte[] frame) {
        Memory.copy(frame, 0, scratch, frame.length);
        nic.frameArrived(scratch, frame.length, true);
        step();
    }

    /// Lets a few microseconds pass.
    void step() {
        for (int i = 0; i < 3; i++) {
            now += 1000;
            nic.step(now);
            wire.step(now);
        }
    }

    /// Lets so many nanoseconds pass.
    void run(long nanos) {
        for (long end = now + nanos; now < end; ) {
            step();
        }
    }

    /// The one packet that waits; the caller owns it.
    static long one(RxQueue rx) {
        long[] packets = new long[2];
        assertThat(rx.receive(packets)).isEqualTo(1);
        return packets[0];
    }

    static long[] copies(PacketPool pool, byte[] frame, int count) {
        long[] packets = new long[count];
        for (int i = 0; i < count; i++) {
            packets[i] = pool.allocateCopy(frame);
        }
        return packets;
    }

    List<Integer> writes(int offset) {
        return accesses.stream()
                .filter(a -> a.write() && a.offset() == offset)
                .map(Access::value)
                .toList();
    }

    @Override
    public void close() {
        assertThat(nic.complaints()).isEmpty();
        memory.close();
        own.close();
        nic.close();
        wire.close();
    }

    private final class Recorder extends Registers {
        private void record(boolean write, int offset, int value) {
            if (recording) {
                accesses.add(new Access(write, offset, value));
            }
        }

        @Override
        public int read32(int offset) {
            if (Thread.currentThread() != owner) {
                return nic.registers().read32(offset); // the statistics thread's, which must not move the time
            }
            step();
            int value = nic.registers().read32(offset) ^ faultyRead.applyAsInt(offset);
            record(false, offset, value);
            return value;
        }

        @Override
        public void write32(int offset, int value) {
            record(true, offset, value);
            if (offset == faultyWrite) {
                throw new DeviceException("0x%05x can't be written".formatted(offset));
            }
            nic.registers().write32(offset, value);
        }
    }
}
