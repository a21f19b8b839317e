package org.barewire.drivers.ixgbe;

import java.util.function.UnaryOperator;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.Relay;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.MappedRegisters;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.MemoryDevice;
import org.barewire.drivers.intel.Descriptor;
import org.barewire.drivers.intel.ExtendedTxQueue;
import org.barewire.drivers.intel.IntelRxQueue;
import org.barewire.drivers.intel.IntelTxQueue;
import org.barewire.drivers.intel.RxFormat;
import org.jspecify.annotations.Nullable;

/// Marks receive descriptors done and transmit descriptors sent.
public final class MemoryNic implements MemoryDevice {
    /// Whose rings a device has. Their registers are the 82599's all the same: only tails matter here.
    public enum Rings {
        /// 82599, X540, X550.
        IXGBE,
        /// 82576, I350, I210.
        IGB,
        /// 82574.
        E1000E
    }

    private static final int REGISTERS = 0x10000;
    private static final int FRAME = 60;
    private static final int LONGEST = 1522;

    private final Rings rings;
    private final PacketMemory memory;
    private final int mask;
    private final long registers;
    private final long rxRing;
    private final long txRing;
    private final long head;
    private final PacketPool pool;
    private final Registers device;
    private @Nullable IntelRxQueue rx;
    private @Nullable IntelTxQueue tx;
    private @Nullable IxgbeRelay relay;
    private int received;
    private int sent;

    /// A device in memory of its own, on huge pages if there are any.
    ///
    /// @param descriptors of each ring, a power of two
    /// @param buffers     of the receive pool
    public MemoryNic(int descriptors, int buffers) {
        this(descriptors, buffers, Rings.IXGBE);
    }

    /// As above, with the rings of a driver.
    public MemoryNic(int descriptors, int buffers, Rings rings) {
        this(descriptors, buffers, rings, UnaryOperator.identity());
    }

    /// @param kind what the queues write to instead of the mapped registers it is given, which it writes to
    ///     in turn
    MemoryNic(int descriptors, int buffers, UnaryOperator<Registers> kind) {
        this(descriptors, buffers, Rings.IXGBE, kind);
    }

    private MemoryNic(int descriptors, int buffers, Rings rings, UnaryOperator<Registers> kind) {
        this.rings = rings;
        this.memory = new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.HUGE_IF_FREE, Numa.NO_NODE);
        this.mask = descriptors - 1;
        this.registers = memory.allocateRing(REGISTERS);
        this.rxRing = memory.allocateRing(16L * descriptors);
        this.txRing = memory.allocateRing(16L * descriptors);
        this.head = memory.allocateRing(IxgbeRelay.HEAD_LINE);
        this.pool = PacketPool.create(memory, buffers);
        this.device = kind.apply(new MappedRegisters(registers, REGISTERS));
    }

    /// A receive queue on this device, its ring filled; asked for once.
    @Override
    public RxQueue rx() {
        RxFormat format = rings == Rings.IXGBE ? RxFormat.ADVANCED_10G : RxFormat.ADVANCED_1G;
        IntelRxQueue queue = new IntelRxQueue(device, Reg.rdt(0), rxRing, mask + 1, pool, format, false);
        queue.fill();
        rx = queue;
        return queue;
    }

    /// A send queue on this device; asked for once.
    @Override
    public TxQueue tx() {
        IntelTxQueue queue = rings == Rings.E1000E
                ? new ExtendedTxQueue(device, Reg.tdt(0), txRing, mask + 1, true, LONGEST)
                : new IntelTxQueue(device, Reg.tdt(0), txRing, mask + 1, true, LONGEST);
        tx = queue;
        return queue;
    }

    /// A relay from this device to itself, instead of the queues.
    public Relay relay(PacketHandler handler) {
        IxgbeRelay.Output output = new IxgbeRelay.Output(device, 0, rxRing, head);
        IxgbeRelay opened =
                new IxgbeRelay(device, 0, new IxgbeRelay.Output[] {output}, pool, mask + 1, LONGEST, handler, r -> {});
        relay = opened;
        return opened;
    }

    @Override
    public void receive(int count) {
        fill(count, Descriptor.RX_DD | Descriptor.RX_EOP | (long) FRAME << Descriptor.RX_LENGTH_SHIFT);
    }

    @Override
    public void send() {
        int tail = Memory.getInt(registers + Reg.tdt(0));
        long ring = Memory.bounded(txRing);
        int mask = this.mask;
        int slot = sent;
        if (slot != tail) { // and the end below the body, as in IntelRxQueue
            do {
                Memory.putInt(Descriptor.at(ring, slot) + 12, (int) (Descriptor.TX_DD >>> 32));
                slot = slot + 1 & mask;
            } while (slot != tail);
        }
        sent = slot;
    }

    /// Lets frames of 60 bytes arrive on the relay's ring.
    ///
    /// @param count at least 1
    public void receiveLegacy(int count) {
        fill(count, Descriptor.LEGACY_RX_DD | Descriptor.LEGACY_RX_EOP | FRAME);
    }

    private void fill(int count, long done) {
        long ring = Memory.bounded(rxRing);
        int first = received;
        int run = Math.min(count, mask + 1 - first);
        int i = 0;
        do { // the end below the body, as in IntelRxQueue
            Memory.putLong(Descriptor.at(ring, first + i) + 8, done);
        } while (++i < run);
        received = first + run & mask;
        if (run < count) {
            fill(count - run, done);
        }
    }

    /// Sends everything that the relay has handed over, and reports it.
    public void sendRelayed() {
        Memory.putInt(head, Memory.getInt(registers + Reg.tdt(0)));
    }

    @Override
    public void close() {
        if (rx != null) {
            rx.releaseBuffers();
        }
        if (tx != null) {
            tx.releasePackets();
        }
        if (relay != null) {
            relay.free(memory);
        }
        pool.close();
        memory.close();
    }
}
