package org.barewire.drivers.igb;

import org.barewire.core.memory.Registers;
import org.barewire.drivers.intel.CardInterrupt;
import org.barewire.drivers.intel.CardInterrupts;
import org.barewire.drivers.pci.Interrupts;
import org.barewire.drivers.pci.PciDevice;
import org.barewire.drivers.pci.Throttle;
import org.jspecify.annotations.Nullable;

/// The interrupts of receive queues: an MSI-X vector for each, and one more for the link; or on the 8254x,
/// which has one queue, the line.
final class Vectors implements CardInterrupts {
    private static final int TICK = 256; // nanoseconds, of the older chips' timers
    private static final int VALID = 0x80;
    private static final int VALID_82574 = 8;

    /// The first receive queue's, of the three vectors of a virtual function: the one that Linux' igbvf takes,
    /// because of QEMU, see docs/igb.md.
    private static final int VIRTUAL_VECTOR = 1;

    private final IgbModel.Chip chip;
    private final Registers registers;
    private final Interrupts interrupts;
    private final Throttle throttle;

    private Vectors(IgbModel.Chip chip, Registers registers, Interrupts interrupts, Throttle throttle) {
        this.chip = chip;
        this.registers = registers;
        this.interrupts = interrupts;
        this.throttle = throttle;
    }

    /// After a reset. Null if the device can't interrupt as it would have to, without VFIO for example.
    static @Nullable Vectors open(
            IgbModel.Chip chip, PciDevice device, Registers registers, int queues, Throttle throttle) {
        int needed = chip == IgbModel.Chip.VIRTUAL ? VIRTUAL_VECTOR + queues : queues;
        if (device.interruptVectors() < needed) {
            return null;
        }
        Interrupts interrupts = device.interrupts(Math.min(queues + 1, device.interruptVectors()));
        boolean line = interrupts.kind() == Interrupts.Kind.INTX;
        if (interrupts.kind() != Interrupts.Kind.MSIX && !(line && chip == IgbModel.Chip.I8254X)) {
            interrupts.close();
            return null;
        }
        if (chip.isAdvanced() && chip != IgbModel.Chip.VIRTUAL) { // the physical function's driver sets it for both
            registers.write32(Reg.GPIE, Reg.GPIE_NSICR | Reg.GPIE_MSIX_MODE | Reg.GPIE_EIAME | Reg.GPIE_PBA);
        } else if (chip == IgbModel.Chip.I82574) {
            registers.set(Reg.CTRL_EXT, Reg.CTRL_EXT_PBA_CLEAR);
            registers.write32(Reg.IVAR_82574, 0);
        }
        return new Vectors(chip, registers, interrupts, throttle);
    }

    @Override
    public CardInterrupt connect(int queue) {
        return switch (chip) {
            case I8254X -> connectLine();
            case I82574 -> connect82574(queue);
            case I82576 -> connectAdvanced(queue, queue & 7, 16 * (queue >>> 3));
            case I350, I210, I211 -> connectAdvanced(queue, queue >>> 1, 16 * (queue & 1));
            case VIRTUAL -> connectAdvanced(VIRTUAL_VECTOR + queue, queue >>> 1, 16 * (queue & 1)); // 8.26
        };
    }

    /// The device forgets the cause and masks the vector by itself when it has interrupted.
    private CardInterrupt connectAdvanced(int vector, int entry, int shift) {
        int bit = 1 << vector;
        registers.replace(Reg.ivar(entry), 0xFF << shift, (vector | VALID) << shift);
        registers.write32(Reg.eitr(vector), throttle.micros() << Reg.EITR_INTERVAL_SHIFT);
        registers.set(Reg.EIAC, bit);
        registers.set(Reg.EIAM, bit);
        return new CardInterrupt(interrupts.event(vector), registers, Reg.EIMS, bit);
    }

    /// The device forgets the cause by itself.
    private CardInterrupt connect82574(int queue) {
        int cause = Reg.ICR_RXQ0 << queue;
        registers.set(Reg.IVAR_82574, (queue | VALID_82574) << 4 * queue);
        registers.write32(Reg.eitr82574(queue), ticks());
        registers.set(Reg.EIAC_82574, cause);
        return new CardInterrupt(interrupts.event(queue), registers, Reg.IMS, cause) {
            @Override
            protected void acknowledge() {
                registers.write32(Reg.IMC, cause);
            }
        };
    }

    @Override
    public @Nullable CardInterrupt connectLink(int queues) {
        if (interrupts.vectors() <= queues || chip == IgbModel.Chip.VIRTUAL) { // which has no link of its own
            return null;
        }
        return chip.isAdvanced() ? connectLinkAdvanced(queues) : connectLink82574(queues);
    }

    private CardInterrupt connectLinkAdvanced(int vector) {
        int bit = 1 << vector;
        registers.write32(Reg.IVAR_MISC, (vector | VALID) << Reg.IVAR_OTHER_SHIFT);
        registers.set(Reg.EIAC, bit);
        registers.set(Reg.EIAM, bit);
        registers.write32(Reg.IMS, Reg.ICR_LSC);
        return new CardInterrupt(interrupts.event(vector), registers, Reg.EIMS, bit) {
            @Override
            protected void acknowledge() {
                registers.write32(Reg.ICR, Reg.ICR_LSC);
            }
        };
    }

    private CardInterrupt connectLink82574(int vector) {
        int causes = Reg.ICR_LSC | Reg.ICR_OTHER;
        registers.set(Reg.IVAR_82574, (vector | VALID_82574) << Reg.IVAR_82574_OTHER_SHIFT);
        return new CardInterrupt(interrupts.event(vector), registers, Reg.IMS, causes) {
            @Override
            protected void acknowledge() {
                registers.write32(Reg.IMC, causes);
                registers.write32(Reg.ICR, causes);
            }
        };
    }

    private CardInterrupt connectLine() {
        registers.write32(Reg.ITR, ticks());
        return new CardInterrupt(interrupts.event(0), registers, Reg.IMS, Reg.ICR_RXT0) {
            @Override
            protected void acknowledge() {
                registers.write32(Reg.IMC, -1);
                registers.read32(Reg.ICR); // forgets all causes, and lets the line go
                interrupts.unmask();
            }
        };
    }

    private int ticks() {
        return (throttle.micros() * 1000 + TICK - 1) / TICK;
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
