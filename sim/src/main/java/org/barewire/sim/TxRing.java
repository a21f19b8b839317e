package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// One transmit ring (7.2), and the status that software gets back from it. Guarded by the model's lock.
final class TxRing extends Ring {
    private static final int HEAD_WRITE_BACK = 0x38; // TDWBAL
    private static final int CONTEXTS = 2;
    private static final int ON_CHIP = 40;
    private static final int THRESHOLD = 0x7F;
    private static final int RESERVED_CONTROL = ~(0x7F7F7F | Reg.TXDCTL_ENABLE | Reg.TXDCTL_SWFLSH);
    private static final long DONE = 1L << 32;

    private final DataPathControl path;
    private final Interrupts interrupts;
    private final TxContext[] contexts = new TxContext[CONTEXTS];
    private boolean pendingDisable;
    private int writeBackThreshold;
    private long headAddress;
    private final int[] reported = new int[THRESHOLD + 1]; // descriptors whose status is not written back yet
    private int reportedCount;
    private long reportedSince;

    TxRing(
            int queue,
            RegisterFile registers,
            DmaSpace dma,
            DataPathControl path,
            Interrupts interrupts,
            QueueRange range,
            Complaints complaints) {
        super(Reg.tdbal(queue), queue, registers, dma, range, complaints);
        this.path = path;
        this.interrupts = interrupts;
        for (int i = 0; i < CONTEXTS; i++) {
            contexts[i] = new TxContext();
        }
    }

    @Override
    void write(int field, int value) {
        if (field == CONTROL) {
            checkControl(value);
            pendingDisable = false;
            super.write(field, value & ~Reg.TXDCTL_SWFLSH);
            if ((value & Reg.TXDCTL_SWFLSH) != 0) {
                flush();
            }
        } else {
            super.write(field, value);
        }
    }

    @Override
    void reset() {
        reportedCount = 0; // the host's memory is not touched any more
        pendingDisable = false;
        writeBackThreshold = 0;
        super.reset();
    }

    /// Time has passed: what software asked for happens, unless packets in the ring hold it up.
    void elapse(long nowNanos, boolean canSend) {
        enableIfRequested();
        if (reportedCount > 0) {
            int vector = interrupts.transmitVector(queue);
            if (vector >= 0 && nowNanos - reportedSince >= interrupts.intervalNanos(vector)) {
                flush(); // the throttling interval ends the wait for WTHRESH (7.2.3.5.1)
            }
        }
        if (pendingDisable && (!canSend || !hasWork())) {
            pendingDisable = false;
            disable();
        }
    }

    /// True if there are descriptors to process.
    boolean hasWork() {
        moveTail(fetchTail());
        return running() && head() != tail();
    }

    TxContext context(int index) {
        return contexts[index];
    }

    /// The most descriptors that a packet may have (7.2.1.1).
    int mostDescriptors() {
        return ON_CHIP - writeBackThreshold - 2;
    }

    /// For complaints of what is on the ring.
    String name() {
        return "transmit ring %d".formatted(queue);
    }

    /// Tells software of a packet that was sent: if its last descriptor asked for it, or if there is a
    /// threshold, with which every packet's is written back (7.2.3.5.1). The head has been moved on.
    void report(int slot, boolean asked, long nowNanos) {
        if (!asked && writeBackThreshold == 0) {
            return;
        }
        if (headAddress != 0) {
            Memory.putIntRelease(headAddress, head()); // the driver reads it with acquire, then frees the buffers
            interrupts.sent(queue);
            return;
        }
        if (reportedCount == 0) {
            reportedSince = nowNanos;
        }
        reported[reportedCount++] = slot;
        if (reportedCount >= writeBackThreshold) {
            flush();
        }
    }

    /// Memory is going: complains of what this ring still has in it, and stops if there is any.
    void unmap(long io, long length) {
        unmapRing(io, length);
        if (headAddress != 0 && DmaSpace.within(headIoAddress(), io, length)) {
            complain(HEAD_WRITE_BACK, Rule.HEAD_UNMAPPED);
            headAddress = 0;
        }
        if (!hasWork()) {
            return;
        }
        for (int slot = head(); slot != tail(); slot = next(slot)) {
            if (!TxDescriptor.isContext(upper(slot)) && DmaSpace.within(lower(slot), io, length)) {
                complaints.add(Rule.TX_BUFFER_UNMAPPED, name(), lower(slot));
                stop();
                return;
            }
        }
    }

    @Override
    boolean configure() {
        if (!path.transmitting()) {
            complain(CONTROL, Rule.TX_QUEUE_FIRST);
        }
        reportedCount = 0;
        for (TxContext context : contexts) {
            context.clear();
        }
        headAddress = 0;
        if (registers.has(Reg.tdwbal(queue), Reg.TDWBAL_ENABLE)) {
            enableHeadWriteBack(headIoAddress());
        }
        return true;
    }

    private long headIoAddress() {
        return registers.get(Reg.tdwbal(queue)) & 0xFFFF_FFFCL | (long) registers.get(Reg.tdwbah(queue)) << 32;
    }

    /// Packets in the ring are sent first.
    @Override
    void disableRequested() {
        pendingDisable = hasWork();
        if (!pendingDisable) {
            disable();
        }
    }

    @Override
    void release() {
        flush();
        headAddress = 0;
    }

    private void checkControl(int value) {
        if ((value & RESERVED_CONTROL) != 0) {
            complain(CONTROL, Rule.TX_CONTROL_RESERVED, value);
        }
        writeBackThreshold = value >>> Reg.TXDCTL_WTHRESH_SHIFT & THRESHOLD;
        if (writeBackThreshold > 0 && (value & Reg.TXDCTL_PTHRESH) + writeBackThreshold > ON_CHIP) {
            complain(CONTROL, Rule.TX_THRESHOLDS, ON_CHIP);
        }
    }

    private void enableHeadWriteBack(long io) {
        if ((io & 15) != 0) {
            complain(HEAD_WRITE_BACK, Rule.HEAD_ALIGNMENT, io);
        }
        if (registers.has(Reg.dcaTxctrl(queue), Reg.DCA_TXCTRL_WRITE_BACK_RELAXED)) {
            complain(HEAD_WRITE_BACK, Rule.HEAD_ORDER, queue);
        }
        if (writeBackThreshold > 0) {
            complain(HEAD_WRITE_BACK, Rule.HEAD_THRESHOLD, queue);
        }
        headAddress = dma.writable(io, 4);
        if (headAddress == 0) {
            complain(HEAD_WRITE_BACK, Rule.HEAD_ACCESS, io);
        }
    }

    private void flush() {
        if (running()) {
            for (int i = 0; i < reportedCount; i++) {
                Memory.putLongRelease(descriptor(reported[i]) + 8, DONE);
            }
            if (reportedCount > 0) {
                interrupts.sent(queue);
            }
        }
        reportedCount = 0;
    }
}
