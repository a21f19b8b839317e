package org.barewire.drivers.igb;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.Offload;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.barewire.drivers.intel.Descriptor;
import org.barewire.drivers.intel.ExtendedTxQueue;
import org.barewire.drivers.intel.IntelRxQueue;
import org.barewire.drivers.intel.IntelTxQueue;
import org.barewire.drivers.intel.RxFormat;
import org.jspecify.annotations.Nullable;

/// Starts and stops the queues of one device: rings, buffers and registers (82576 datasheet, 4.5.9 and
/// 4.5.10).
final class QueueStarter {
    private static final int PREFETCH = 8; // as Linux's igb has it
    private static final int HOST = 1 << Reg.TXDCTL_HTHRESH_SHIFT;
    private static final int JUMBO_SLOT = 4096;

    private final IgbModel.Chip chip;
    private final Registers registers;
    private final DeviceConfig config;
    private final PacketMemory memory;
    private final Waiting waiting;

    QueueStarter(String device, IgbModel.Chip chip, Registers registers, DeviceConfig config) {
        this.chip = chip;
        this.registers = registers;
        this.config = config;
        this.memory = config.memory();
        this.waiting = new Waiting(device, registers);
    }

    IntelRxQueue startRx(int queue) {
        int descriptors = config.rxDescriptors();
        int slotSize = config.mtu() > 1500 ? JUMBO_SLOT : PacketPool.DEFAULT_SLOT_SIZE;
        boolean describes = !config.offloads().isEmpty();
        RxFormat format = chip == IgbModel.Chip.I8254X ? RxFormat.LEGACY : RxFormat.ADVANCED_1G;
        try (Undo undo = new Undo()) {
            PacketPool pool = PacketPool.create(memory, descriptors + config.poolSize(), slotSize);
            undo.add(pool::close);
            long ring = allocate(descriptors, undo);
            IntelRxQueue started =
                    new IntelRxQueue(registers, Reg.rdt(queue), ring, descriptors, pool, format, describes);
            started.fill();
            undo.forget();
            undo.add(() -> free(started)); // the device has been given no buffer before the tail is set, last
            undo.add(() -> disableRx(queue));
            enableRx(queue, ring, pool);
            registers.write32(Reg.rdt(queue), started.firstTail());
            undo.forget();
            return started;
        }
    }

    IntelTxQueue startTx(int queue) {
        int descriptors = config.txDescriptors();
        try (Undo undo = new Undo()) {
            long ring = allocate(descriptors, undo);
            // the switch for tags is one for both directions, and a virtual function has none
            boolean insertsTags =
                    chip != IgbModel.Chip.VIRTUAL && config.offloads().contains(Offload.VLAN_STRIP);
            int tail = Reg.tdt(queue);
            int longest = config.maxFrameLength();
            IntelTxQueue started = chip.isAdvanced()
                    ? new IntelTxQueue(registers, tail, ring, descriptors, insertsTags, longest)
                    : new ExtendedTxQueue(registers, tail, ring, descriptors, insertsTags, longest);
            undo.forget();
            undo.add(() -> free(started));
            undo.add(() -> disableTx(queue));
            enableTx(queue, ring);
            undo.forget();
            return started;
        }
    }

    private long allocate(int descriptors, Undo undo) {
        long length = (long) descriptors * Descriptor.BYTES;
        long address = memory.allocateRing(length);
        undo.add(() -> memory.freeRing(address, length));
        return address;
    }

    /// Stops the queues that there are; their memory stays.
    void stop(@Nullable IntelRxQueue[] rx, @Nullable IntelTxQueue[] tx, Steps steps) {
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
    void free(@Nullable IntelRxQueue[] rx, @Nullable IntelTxQueue[] tx, Steps steps) {
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

    private void enableRx(int queue, long ring, PacketPool pool) {
        long address = PacketMemory.ioAddress(ring);
        registers.write32(Reg.rdbal(queue), (int) address);
        registers.write32(Reg.rdbah(queue), (int) (address >>> 32));
        registers.write32(Reg.rdlen(queue), config.rxDescriptors() * Descriptor.BYTES);
        registers.write32(Reg.rdh(queue), 0);
        registers.write32(Reg.rdt(queue), 0);
        if (chip.isAdvanced()) {
            int drop = config.queues() > 1 ? Reg.SRRCTL_DROP_EN : 0; // a full one must not hold up the others
            registers.write32(Reg.srrctl(queue), Reg.SRRCTL_DESCTYPE_ADVANCED | bufferKib(pool) | drop);
            registers.write32(Reg.rxdctl(queue), Reg.RXDCTL_ENABLE);
            waiting.expect("a receive queue to start", Reg.rxdctl(queue), Reg.RXDCTL_ENABLE, Reg.RXDCTL_ENABLE);
        }
    }

    /// The buffer size that the device is told, in KiB. A standard frame fits the slot though its room is
    /// less than 2 KiB, because the MAC drops longer frames (RCTL.LPE and RLPML).
    private static int bufferKib(PacketPool pool) {
        return pool.slotSize() == PacketPool.DEFAULT_SLOT_SIZE ? 2 : pool.capacity() / 1024;
    }

    private void enableTx(int queue, long ring) {
        long address = PacketMemory.ioAddress(ring);
        registers.write32(Reg.tdbal(queue), (int) address);
        registers.write32(Reg.tdbah(queue), (int) (address >>> 32));
        registers.write32(Reg.tdlen(queue), config.txDescriptors() * Descriptor.BYTES);
        registers.write32(Reg.tdh(queue), 0);
        registers.write32(Reg.tdt(queue), 0);
        if (chip.isAdvanced()) {
            registers.write32(Reg.txdctl(queue), PREFETCH | HOST | Reg.TXDCTL_ENABLE);
            waiting.expect("a send queue to start", Reg.txdctl(queue), Reg.TXDCTL_ENABLE, Reg.TXDCTL_ENABLE);
        } else {
            int bit22 = chip == IgbModel.Chip.I82574 ? Reg.TXDCTL_BIT_22 : 0;
            registers.write32(Reg.txdctl(queue), PREFETCH | HOST | Reg.TXDCTL_GRAN | bit22);
        }
    }

    /// What is under way to memory arrives soon after the bit has gone. Chips without the bit have had their
    /// receiver stopped, and are reset before their memory is freed.
    private void disableRx(int queue) {
        if (chip.isAdvanced()) {
            registers.clear(Reg.rxdctl(queue), Reg.RXDCTL_ENABLE);
            waiting.expect("a receive queue to stop", Reg.rxdctl(queue), Reg.RXDCTL_ENABLE, 0);
        }
        Waiting.pause(100_000);
    }

    /// What has been handed over is sent first, if the link lets it.
    private void disableTx(int queue) {
        registers.await(Reg.tdh(queue), -1, registers.read32(Reg.tdt(queue)), 100_000_000);
        if (chip.isAdvanced()) {
            registers.write32(Reg.txdctl(queue), PREFETCH | HOST);
            waiting.expect("a send queue to stop", Reg.txdctl(queue), Reg.TXDCTL_ENABLE, 0);
        }
    }
}
