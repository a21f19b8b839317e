package org.barewire.drivers.ixgbe;

import org.barewire.core.memory.Registers;
import org.barewire.drivers.intel.QueueInterrupt;
import org.barewire.drivers.pci.Interrupts;
import org.jspecify.annotations.Nullable;

/// An MSI-X vector for each receive queue, with the queue's number, and the next one for the link (7.3.4).
///
/// The device forgets the cause and masks the vector by itself when it has interrupted (7.3.1.4, 7.3.1.5),
/// so that letting it happen again takes one write and nothing else.
final class Vectors implements AutoCloseable {
    /// What a packet may wait for its interrupt at most, if there was another just before, in µs (7.3.2.1).
    static final int THROTTLE = 20;

    private static final int WITHOUT_ISR = 16; // vectors from here on never keep their causes

    private final Registers registers;
    private final Interrupts interrupts;

    /// @param interrupts of MSI-X, at least as many as there are receive queues
    Vectors(Registers registers, Interrupts interrupts) {
        this.registers = registers;
        this.interrupts = interrupts;
    }

    /// After a reset, before {@link #connect}.
    void setUp() {
        registers.write32(Reg.GPIE, Reg.GPIE_MSIX_MODE | Reg.GPIE_OCD | Reg.GPIE_EIAME | Reg.GPIE_PBA); // 7.3.1.3
    }

    /// Has a receive queue interrupt by its vector, masked until it is let.
    QueueInterrupt connect(int queue) {
        int bit = 1 << queue;
        int half = 1 + (queue >>> 5); // of the registers for 64 vectors
        int shift = 16 * (queue & 1);
        registers.replace(Reg.ivar(queue >>> 1), 0xFF << shift, (queue | Reg.IVAR_VALID) << shift);
        registers.write32(Reg.eitr(queue), THROTTLE / 2 << 3); // in units of 2 µs, from bit 3 on
        if (queue < WITHOUT_ISR) {
            registers.set(Reg.EIAC, bit);
            registers.set(Reg.EIAM, bit);
        }
        registers.set(Reg.eiam(half), bit);
        return new QueueInterrupt(interrupts.event(queue), registers, Reg.eims(half), bit);
    }

    /// Has changes of the link interrupt by a vector, but not before they are let; null if there is none
    /// left for them.
    ///
    /// @param queues whose vectors are the first ones
    @Nullable
    QueueInterrupt connectLink(int queues) {
        if (interrupts.vectors() <= queues) {
            return null;
        }
        registers.write32(Reg.IVAR_MISC, (queues | Reg.IVAR_VALID) << Reg.IVAR_OTHER_SHIFT);
        return new QueueInterrupt(interrupts.event(queues), registers, Reg.EIMS, Reg.EICR_LSC) {
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
