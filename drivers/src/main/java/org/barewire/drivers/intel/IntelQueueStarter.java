package org.barewire.drivers.intel;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.jspecify.annotations.Nullable;

/// Starts and stops the queues of one device: rings and buffers, in the order that all of Intel's cards want.
/// A driver adds its registers. Called by one thread at a time.
public abstract class IntelQueueStarter {
    private static final int JUMBO_SLOT = 4096;

    /// The device's registers.
    protected final Registers registers;
    /// What the device was opened with.
    protected final DeviceConfig config;
    /// Waits for the device.
    protected final Waiting waiting;

    private final PacketMemory memory;
    private final RxFormat format;

    /// @param device its name, for messages
    /// @param format of what its receive queues write
    protected IntelQueueStarter(String device, Registers registers, DeviceConfig config, RxFormat format) {
        this.registers = registers;
        this.config = config;
        this.waiting = new Waiting(device, registers);
        this.memory = config.memory();
        this.format = format;
    }

    /// The register that tells the device of a receive queue's buffers.
    protected abstract int rxTail(int queue);

    /// Sets up a receive queue's registers and has it run, its tail at 0.
    protected abstract void enableRx(int queue, long ring, PacketPool pool);

    /// Stops a receive queue; afterwards the device does not write to its buffers any more.
    protected abstract void disableRx(int queue);

    /// A send queue of the kind that the device has.
    protected abstract IntelTxQueue createTx(int queue, long ring);

    /// Sets up a send queue's registers and has it run, its tail at 0.
    protected abstract void enableTx(int queue, long ring);

    /// Stops a send queue; what has been handed over is sent first, if the link lets it.
    protected abstract void disableTx(int queue);

    /// Starts a receive queue with a pool of its own.
    ///
    /// @throws DeviceException if it does not start; nothing of it is left then
    public final IntelRxQueue startRx(int queue) {
        int descriptors = config.rxDescriptors();
        boolean describes = !config.offloads().isEmpty();
        try (Undo undo = new Undo()) {
            PacketPool pool = createPool(descriptors + config.poolSize(), JUMBO_SLOT, undo);
            long ring = allocate((long) descriptors * Descriptor.BYTES, undo);
            IntelRxQueue started =
                    new IntelRxQueue(registers, rxTail(queue), ring, descriptors, pool, format, describes);
            started.fill();
            undo.forget();
            undo.add(() -> free(started)); // the device has been given no buffer before the tail is set, last
            undo.add(() -> disableRx(queue));
            enableRx(queue, ring, pool);
            registers.write32(rxTail(queue), started.firstTail());
            undo.forget();
            return started;
        }
    }

    /// Starts a send queue.
    ///
    /// @throws DeviceException if it does not start; nothing of it is left then
    public final IntelTxQueue startTx(int queue) {
        try (Undo undo = new Undo()) {
            long ring = allocate((long) config.txDescriptors() * Descriptor.BYTES, undo);
            IntelTxQueue started = createTx(queue, ring);
            undo.forget();
            undo.add(() -> free(started));
            undo.add(() -> disableTx(queue));
            enableTx(queue, ring);
            undo.forget();
            return started;
        }
    }

    /// A pool of slots for the frames that the MTU lets pass.
    ///
    /// @param jumboSlot bytes of a slot if the MTU is more than 1500
    protected final PacketPool createPool(int slots, int jumboSlot, Undo undo) {
        int slotSize = config.mtu() > 1500 ? jumboSlot : PacketPool.DEFAULT_SLOT_SIZE;
        PacketPool pool = PacketPool.create(memory, slots, slotSize, config.numaNode());
        undo.add(pool::close);
        return pool;
    }

    /// Memory that device and driver share, zeroed.
    protected final long allocate(long length, Undo undo) {
        long address = memory.allocateRing(length, config.numaNode());
        undo.add(() -> memory.freeRing(address, length));
        return address;
    }

    /// The buffer size that the device is told, in KiB. A standard frame fits the slot though its room is
    /// less than 2 KiB, because the MAC drops longer frames: those over 1526 bytes while JUMBOEN is off (82599
    /// datasheet, 8.2.3.22.8), or as RCTL.LPE and RLPML say (1 Gbit/s family).
    protected static int bufferKib(PacketPool pool) {
        return pool.slotSize() == PacketPool.DEFAULT_SLOT_SIZE ? 2 : pool.capacity() / 1024;
    }

    /// Stops the queues that there are; their memory stays.
    public final void stop(@Nullable IntelRxQueue[] rx, @Nullable IntelTxQueue[] tx, Steps steps) {
        for (int i = 0; i < rx.length; i++) {
            int queue = i;
            if (rx[queue] != null) {
                steps.take(() -> disableRx(queue));
            }
            if (tx[queue] != null) {
                steps.take(() -> disableTx(queue));
            }
        }
    }

    /// Frees what the queues had. Called when the device can't reach it any more; pools go last, since send
    /// queues have packets of theirs.
    public final void free(@Nullable IntelRxQueue[] rx, @Nullable IntelTxQueue[] tx, Steps steps) {
        for (IntelTxQueue sender : tx) {
            if (sender != null) {
                steps.take(() -> free(sender));
            }
        }
        for (IntelRxQueue receiver : rx) {
            if (receiver != null) {
                steps.take(() -> free(receiver));
            }
        }
    }

    private void free(IntelTxQueue sender) {
        sender.releasePackets();
        sender.freeRing(memory);
    }

    private void free(IntelRxQueue receiver) {
        receiver.releaseBuffers();
        receiver.freeRing(memory);
        receiver.pool().close();
    }
}
