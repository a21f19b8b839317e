package org.barewire.drivers.igb;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.Offload;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.intel.Descriptor;
import org.barewire.drivers.intel.ExtendedTxQueue;
import org.barewire.drivers.intel.IntelQueueStarter;
import org.barewire.drivers.intel.IntelTxQueue;
import org.barewire.drivers.intel.RxFormat;
import org.barewire.drivers.intel.Waiting;

/// Starts and stops the queues of one device (82576 datasheet, 4.5.9 and 4.5.10).
final class QueueStarter extends IntelQueueStarter {
    private static final int PREFETCH = 8; // as Linux's igb has it
    private static final int HOST = 1 << Reg.TXDCTL_HTHRESH_SHIFT;

    private final IgbModel.Chip chip;

    QueueStarter(String device, IgbModel.Chip chip, Registers registers, DeviceConfig config) {
        super(device, registers, config, chip == IgbModel.Chip.I8254X ? RxFormat.LEGACY : RxFormat.ADVANCED_1G);
        this.chip = chip;
    }

    @Override
    protected int rxTail(int queue) {
        return Reg.rdt(queue);
    }

    @Override
    protected IntelTxQueue createTx(int queue, long ring) {
        // the switch for tags is one for both directions, and a virtual function has none
        boolean insertsTags = chip != IgbModel.Chip.VIRTUAL && config.offloads().contains(Offload.VLAN_STRIP);
        int tail = Reg.tdt(queue);
        int descriptors = config.txDescriptors();
        int longest = config.maxFrameLength();
        return chip.isAdvanced()
                ? new IntelTxQueue(registers, tail, ring, descriptors, insertsTags, longest)
                : new ExtendedTxQueue(registers, tail, ring, descriptors, insertsTags, longest);
    }

    @Override
    protected void enableRx(int queue, long ring, PacketPool pool) {
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

    @Override
    protected void enableTx(int queue, long ring) {
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
    @Override
    protected void disableRx(int queue) {
        if (chip.isAdvanced()) {
            registers.clear(Reg.rxdctl(queue), Reg.RXDCTL_ENABLE);
            waiting.expect("a receive queue to stop", Reg.rxdctl(queue), Reg.RXDCTL_ENABLE, 0);
        }
        Waiting.pause(100_000);
    }

    @Override
    protected void disableTx(int queue) {
        registers.await(Reg.tdh(queue), -1, registers.read32(Reg.tdt(queue)), 100_000_000);
        if (chip.isAdvanced()) {
            registers.write32(Reg.txdctl(queue), PREFETCH | HOST);
            waiting.expect("a send queue to stop", Reg.txdctl(queue), Reg.TXDCTL_ENABLE, 0);
        }
    }
}
