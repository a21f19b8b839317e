package org.barewire.drivers.ixgbe;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.Offload;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Registers;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.Steps;
import org.barewire.drivers.Undo;
import org.barewire.drivers.intel.Descriptor;
import org.barewire.drivers.intel.IntelQueueStarter;
import org.barewire.drivers.intel.IntelTxQueue;
import org.barewire.drivers.intel.RxFormat;
import org.barewire.drivers.intel.Waiting;

/// Starts and stops the queues of one device, and its relays (4.6.7.1 and 4.6.8.1).
final class QueueStarter extends IntelQueueStarter {
    private static final int PREFETCH = 60; // 60 and 4: what one port needs for 10 Gbit/s (TinyNF)
    private static final int HOST = 4 << Reg.TXDCTL_HTHRESH_SHIFT;
    private static final int RELAY_JUMBO_SLOT = 16384;

    QueueStarter(String device, Registers registers, DeviceConfig config) {
        super(device, registers, config, RxFormat.ADVANCED_10G);
    }

    @Override
    protected int rxTail(int queue) {
        return Reg.rdt(queue);
    }

    @Override
    protected void enableRx(int queue, long ring, PacketPool pool) {
        enableRx(queue, ring, config.rxDescriptors(), Reg.SRRCTL_DESCTYPE_ADVANCED, pool);
    }

    @Override
    protected IntelTxQueue createTx(int queue, long ring) {
        return new IntelTxQueue(registers, Reg.tdt(queue), ring, config.txDescriptors(), true, config.maxFrameLength());
    }

    @Override
    protected void enableTx(int queue, long ring) {
        enableTx(queue, ring, config.txDescriptors(), 0);
    }

    /// Starts the input's receive queue on the ring of the first output's send queue.
    ///
    /// @param outputs starters of the output devices
    /// @param stopped called once when the relay has been closed
    IxgbeRelay startRelay(
            int rxQueue, List<QueueStarter> outputs, int txQueue, PacketHandler handler, Consumer<IxgbeRelay> stopped) {
        PacketMemory memory = config.memory();
        int slots = Math.max(config.rxDescriptors(), 4 * IxgbeRelay.REPORT);
        try (Undo undo = new Undo()) {
            PacketPool pool = createPool(slots, RELAY_JUMBO_SLOT, undo);
            List<IxgbeRelay.Output> ends = new ArrayList<>();
            for (QueueStarter output : outputs) {
                long ring = allocate((long) slots * Descriptor.BYTES, undo);
                long head = allocate(IxgbeRelay.HEAD_LINE, undo);
                ends.add(new IxgbeRelay.Output(output.registers, txQueue, ring, head));
            }
            int longest = pool.capacity();
            for (QueueStarter output : outputs) {
                longest = Math.min(longest, output.config.maxFrameLength());
            }
            IxgbeRelay relay = new IxgbeRelay(
                    registers, rxQueue, ends.toArray(IxgbeRelay.Output[]::new), pool, slots, longest, handler, r -> {
                        disable(rxQueue, outputs, txQueue); // or throws: memory that may be in use is not freed
                        r.free(memory);
                        stopped.accept(r);
                    });
            undo.forget();
            undo.add(() -> relay.free(memory)); // the device has been given no buffer before the tail is set, last
            undo.add(() -> disable(rxQueue, outputs, txQueue));
            for (int i = 0; i < ends.size(); i++) {
                IxgbeRelay.Output end = ends.get(i);
                outputs.get(i).enableTx(txQueue, end.ring(), slots, end.head());
            }
            enableRx(rxQueue, ends.getFirst().ring(), slots, Reg.SRRCTL_DESCTYPE_LEGACY, pool);
            registers.write32(Reg.rdt(rxQueue), relay.firstTail());
            undo.forget();
            return relay;
        }
    }

    private void disable(int rxQueue, List<QueueStarter> outputs, int txQueue) {
        Steps steps = new Steps();
        steps.take(() -> disableRx(rxQueue));
        outputs.forEach(output -> steps.take(() -> output.disableTx(txQueue)));
        steps.end();
    }

    /// 4.6.7.1. Where there are several queues one that is full drops, so that it doesn't hold up the others.
    private void enableRx(int queue, long ring, int descriptors, int type, PacketPool pool) {
        long address = PacketMemory.ioAddress(ring);
        registers.write32(Reg.rdbal(queue), (int) address);
        registers.write32(Reg.rdbah(queue), (int) (address >>> 32));
        registers.write32(Reg.rdlen(queue), descriptors * Descriptor.BYTES);
        registers.write32(Reg.srrctl(queue), type | bufferKib(pool) | (config.queues() > 1 ? Reg.SRRCTL_DROP_EN : 0));
        registers.clear(Reg.dcaRxctrl(queue), Reg.DCA_RXCTRL_BIT_12); // 4.6.7
        registers.write32(Reg.rdh(queue), 0);
        registers.write32(Reg.rdt(queue), 0);
        boolean strip = type != Reg.SRRCTL_DESCTYPE_LEGACY && config.offloads().contains(Offload.VLAN_STRIP);
        registers.replace(Reg.rxdctl(queue), Reg.RXDCTL_VME, strip ? Reg.RXDCTL_VME : 0);
        registers.set(Reg.rxdctl(queue), Reg.RXDCTL_ENABLE);
        waiting.expect("a receive queue to start", Reg.rxdctl(queue), Reg.RXDCTL_ENABLE, Reg.RXDCTL_ENABLE);
    }

    /// 4.6.8.1.
    ///
    /// @param head where the device is to write its head, or 0 if it is to report in the descriptors
    private void enableTx(int queue, long ring, int descriptors, long head) {
        long address = PacketMemory.ioAddress(ring);
        long headAddress = PacketMemory.ioAddress(head);
        registers.write32(Reg.RTTDQSEL, queue);
        registers.write32(Reg.RTTDT1C, 0); // no rate limit; undefined after a reset
        registers.write32(Reg.tdbal(queue), (int) address);
        registers.write32(Reg.tdbah(queue), (int) (address >>> 32));
        registers.write32(Reg.tdlen(queue), descriptors * Descriptor.BYTES);
        registers.clear(Reg.dcaTxctrl(queue), Reg.DCA_TXCTRL_WRITE_BACK_RELAXED); // else the head may go backwards
        registers.write32(Reg.tdwbah(queue), (int) (headAddress >>> 32));
        registers.write32(Reg.tdwbal(queue), head == 0 ? 0 : (int) headAddress | Reg.TDWBAL_ENABLE);
        registers.write32(Reg.tdh(queue), 0);
        registers.write32(Reg.tdt(queue), 0);
        registers.write32(Reg.txdctl(queue), PREFETCH | HOST | Reg.TXDCTL_ENABLE);
        waiting.expect("a send queue to start", Reg.txdctl(queue), Reg.TXDCTL_ENABLE, Reg.TXDCTL_ENABLE);
    }

    /// 4.6.7.1.2: what is under way to memory arrives within 100 µs after the bit has gone.
    @Override
    protected void disableRx(int queue) {
        registers.clear(Reg.rxdctl(queue), Reg.RXDCTL_ENABLE);
        waiting.expect("a receive queue to stop", Reg.rxdctl(queue), Reg.RXDCTL_ENABLE, 0);
        Waiting.pause(100_000);
    }

    /// 4.6.8.2: what has been handed over is sent first, if the link lets it.
    @Override
    protected void disableTx(int queue) {
        registers.await(Reg.tdh(queue), -1, registers.read32(Reg.tdt(queue)), 100_000_000);
        registers.write32(Reg.txdctl(queue), PREFETCH | HOST);
        waiting.expect("a send queue to stop", Reg.txdctl(queue), Reg.TXDCTL_ENABLE, 0);
    }
}
