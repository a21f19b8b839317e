package org.barewire.drivers.ixgbe;

import org.barewire.core.memory.Registers;
import org.barewire.drivers.intel.CardInterrupt;
import org.barewire.drivers.intel.CardInterrupts;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.Throttle;
import org.jspecify.annotations.Nullable;

/// An MSI-X vector for each receive queue, with the queue's number, and the next one for the link (7.3.4).
///
/// The device forgets the cause and masks the vector by itself when it has interrupted (7.3.1.4, 7.3.1.5),
/// so that letting it happen again takes one write and nothing else.
final class Vectors implements CardInterrupts {
    private static final int WITHOUT_ISR = 16; // vectors from here on never keep their causes

    private final Registers registers;
    private final Interrupts interrupts;
    private final Throttle throttle;

    /// After a reset.
    ///
    /// @param interrupts of MSI-X, at least as many as there are receive queues
    Vectors(Registers registers, Interrupts interrupts, Throttle throttle) {
        this.registers = registers;
        this.interrupts = interrupts;
        this.throttle = throttle;
        registers.write32(Reg.GPIE, Reg.GPIE_MSIX_MODE | Reg.GPIE_OCD | Reg.GPIE_EIAME | Reg.GPIE_PBA); // 7.3.1.3
    }

    @Override
    public CardInterrupt connect(int queue) {
        int bit = 1 << queue;
        int half = 1 + (queue >>> 5); // of the registers for 64 vectors
        int shift = 16 * (queue & 1);
        registers.replace(Reg.ivar(queue >>> 1), 0xFF << shift, (queue | Reg.IVAR_VALID) << shift);
        registers.write32(Reg.eitr(queue), (throttle.micros() + 1) / 2 << Reg.EITR_INTERVAL_SHIFT); // 7.3.2.1
        if (queue < WITHOUT_ISR) {
            registers.set(Reg.EIAC, bit);
            registers.set(Reg.EIAM, bit);
        }
        registers.set(Reg.eiam(half), bit);
        return new CardInterrupt(interrupts.event(queue), registers, Reg.eims(half), bit);
    }

    @Override
    public @Nullable CardInterrupt connectLink(int queues) {
        if (interrupts.vectors() <= queues) {
            return null;
        }
        registers.write32(Reg.IVAR_MISC, (queues | Reg.IVAR_VALID) << Reg.IVAR_OTHER_SHIFT);
        return new CardInterrupt(interrupts.event(queues), registers, Reg.EIMS, Reg.EICR_LSC) {
            @Override
            protected void acknowledge() {
                registers.write32(Reg.EIMC, Reg.EICR_LSC);
                registers.write32(Reg.EICR, Reg.EICR_LSC);
            }
        };
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
