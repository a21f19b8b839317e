package org.barewire.sim;

import org.barewire.drivers.ixgbe.Reg;

/// Interrupt causes, masks and throttling (7.3, 8.2.3.5). Guarded by the model's lock.
///
/// With MSI-X there are 64 causes that queues are mapped to by IVAR and one vector for each, and the other
/// causes (bits 16 to 30 of EICR), which share the vector that IVAR_MISC gives. Without it, all causes share
/// vector 0.
final class Interrupts {
    private static final int QUEUE_CAUSES = 0xFFFF;
    private static final int OTHER_CAUSES = 0x7FFF_0000;
    /// What reading EICR still clears when GPIE.OCD is set (8.2.3.5.18).
    private static final int CLEARED_WITH_OCD = 0x3FFF_0000;

    private final RegisterFile registers;
    private final Complaints complaints;
    private final long[] notBefore = new long[64];
    private long queueCauses;
    private long queueMask;
    private int otherCauses;
    private int otherMask;
    private long asserted;
    private boolean maskedSinceReset;

    Interrupts(RegisterFile registers, Complaints complaints) {
        this.registers = registers;
        this.complaints = complaints;
    }

    void reset() {
        queueCauses = 0;
        queueMask = 0;
        otherCauses = 0;
        otherMask = 0;
        asserted = 0;
        maskedSinceReset = false;
    }

    boolean unmasked() {
        return (queueMask | otherMask) != 0;
    }

    boolean maskedSinceReset() {
        return maskedSinceReset;
    }

    /// A receive queue has written a descriptor back.
    void received(int queue) {
        queue(registers.get(Reg.ivar(queue >> 1)) >>> 16 * (queue & 1));
    }

    /// A transmit queue has reported the end of a packet.
    void sent(int queue) {
        queue(registers.get(Reg.ivar(queue >> 1)) >>> 16 * (queue & 1) + 8);
    }

    /// The vector of a transmit queue, or -1 if it has none.
    int transmitVector(int queue) {
        int entry = registers.get(Reg.ivar(queue >> 1)) >>> 16 * (queue & 1) + 8;
        return (entry & Reg.IVAR_VALID) == 0 ? -1 : entry & 63;
    }

    long intervalNanos(int vector) {
        return (registers.get(Reg.eitr(vector)) & Reg.EITR_INTERVAL) * 250L; // 2 µs in bit 3
    }

    /// One of the other causes.
    void raise(int cause) {
        otherCauses |= cause;
    }

    int read(int offset) {
        return switch (offset) {
            case Reg.EICR -> readCauses();
            case Reg.EIMS -> (int) queueMask & QUEUE_CAUSES | otherMask;
            case Reg.EICS, Reg.EIMC -> 0; // write-only
            default -> offset == Reg.eims(1) ? (int) queueMask : offset == Reg.eims(2) ? (int) (queueMask >>> 32) : 0;
        };
    }

    void write(int offset, int value) {
        long queues = value & QUEUE_CAUSES;
        switch (offset) {
            case Reg.EICR -> clear(value);
            case Reg.EICS -> {
                queueCauses |= queues;
                otherCauses |= value & OTHER_CAUSES;
            }
            case Reg.EIMS -> {
                queueMask |= queues;
                otherMask |= value & OTHER_CAUSES;
            }
            case Reg.EIMC -> {
                if (value < 0) {
                    complaints.add(Rule.EIMC_RESERVED, "EIMC");
                }
                queueMask &= ~queues;
                otherMask &= ~value;
                maskedSinceReset = true;
            }
            default -> writeExtended(offset, value);
        }
    }

    /// The vectors that interrupt now, as bits; each is due again when its throttling interval is over.
    long due(long nowNanos) {
        if ((queueCauses | otherCauses | asserted) == 0) {
            return 0;
        }
        return registers.has(Reg.GPIE, Reg.GPIE_MSIX_MODE) ? dueMsix(nowNanos) : dueSingle(nowNanos);
    }

    /// What is still pending interrupts again: the line is not masked any more.
    void rearm() {
        asserted = 0;
    }

    private void queue(int entry) {
        if ((entry & Reg.IVAR_VALID) != 0) {
            queueCauses |= 1L << (entry & 63);
        }
    }

    private void writeExtended(int offset, int value) {
        for (int i = 1; i <= 2; i++) {
            long bits = (value & 0xFFFF_FFFFL) << 32 * (i - 1);
            if (offset == Reg.eics(i)) {
                queueCauses |= bits;
            } else if (offset == Reg.eims(i)) {
                queueMask |= bits;
            } else if (offset == Reg.eimc(i)) {
                queueMask &= ~bits;
            }
        }
    }

    private int readCauses() {
        int causes = (int) queueCauses & QUEUE_CAUSES | otherCauses;
        clear(registers.has(Reg.GPIE, Reg.GPIE_OCD) ? causes & CLEARED_WITH_OCD : causes);
        if (!registers.has(Reg.GPIE, Reg.GPIE_EIAME)) {
            mask(causes & registers.get(Reg.EIAM));
        }
        return causes;
    }

    private void clear(int causes) {
        queueCauses &= ~(causes & QUEUE_CAUSES);
        otherCauses &= ~causes;
    }

    private void mask(int causes) {
        queueMask &= ~(causes & QUEUE_CAUSES);
        otherMask &= ~causes;
    }

    private long dueSingle(long nowNanos) {
        long active = queueCauses & queueMask & QUEUE_CAUSES | otherCauses & otherMask;
        if (active == 0) {
            asserted = 0;
            return 0;
        }
        if (asserted != 0 || nowNanos < notBefore[0]) {
            return 0;
        }
        asserted = 1;
        notBefore[0] = nowNanos + intervalNanos(0);
        return 1;
    }

    private long dueMsix(long nowNanos) {
        long active = queueCauses & queueMask;
        int other = registers.get(Reg.IVAR_MISC) >>> 8;
        if ((otherCauses & otherMask) != 0 && (other & Reg.IVAR_VALID) != 0) {
            active |= 1L << (other & 63);
        }
        asserted &= active;
        long due = 0;
        for (long left = active & ~asserted; left != 0; left &= left - 1) {
            int vector = Long.numberOfTrailingZeros(left);
            if (nowNanos >= notBefore[vector]) {
                due |= 1L << vector;
                notBefore[vector] = nowNanos + intervalNanos(vector);
                fired(vector);
            }
        }
        return due;
    }

    /// Clears and masks by itself what software asked for (EIAC, EIAM); causes from 16 on always clear.
    private void fired(int vector) {
        long bit = 1L << vector;
        int extended = vector < 32 ? 1 : 2;
        boolean low = vector < 16;
        if ((!low || registers.has(Reg.EIAC, (int) bit)) && (queueCauses & bit) != 0) {
            queueCauses &= ~bit; // the next one interrupts again
        } else {
            asserted |= bit; // until software clears it
        }
        int autoMask = low ? registers.get(Reg.EIAM) : registers.get(Reg.eiam(extended));
        if (registers.has(Reg.GPIE, Reg.GPIE_EIAME) && (autoMask >>> vector & 1) != 0) {
            queueMask &= ~bit;
        }
    }
}
