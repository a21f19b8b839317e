package org.barewire.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.Region;
import org.barewire.drivers.ixgbe.Reg;

/// One transmit ring (7.2): descriptors that software hands over, and the status that it gets back.
/// Guarded by the model's lock but for {@link #ringDoorbell}.
final class TxRing {
    private static final VarHandle DOORBELL;

    static {
        try {
            DOORBELL = MethodHandles.lookup().findVarHandle(TxRing.class, "doorbell", int.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the doorbell field is not there", e);
        }
    }

    private static final int DESCRIPTOR = 16;
    private static final long ALIGNMENT = 128;
    private static final int MAX_BYTES = 0x80000;
    private static final int CONTEXTS = 2;
    private static final int ON_CHIP = 40;
    private static final int THRESHOLD = 0x7F;
    private static final int RESERVED_CONTROL = ~(0x7F7F7F | Reg.TXDCTL_ENABLE | Reg.TXDCTL_SWFLSH);
    private static final long DONE = 1L << 32;

    final int queue;
    final TxContext[] contexts = new TxContext[CONTEXTS];

    private final RegisterFile registers;
    private final DmaSpace dma;
    private final DataPathControl path;
    private final Interrupts interrupts;
    private final QueueRange range;
    private final Complaints complaints;

    private volatile boolean enabled; // read by the driver's threads without the lock
    private boolean pendingEnable;
    private boolean pendingDisable;
    private boolean stopped;
    private int doorbell;

    private long base;
    private int count;
    private int head;
    private int tail;
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
        this.queue = queue;
        this.registers = registers;
        this.dma = dma;
        this.path = path;
        this.interrupts = interrupts;
        this.range = range;
        this.complaints = complaints;
        for (int i = 0; i < CONTEXTS; i++) {
            contexts[i] = new TxContext();
        }
    }

    /// Software has written TDT. Called by the thread that did, without the lock.
    void ringDoorbell(int value) {
        if (!enabled && value != 0) {
            complaints.add("4.6.8", "TDT(%d) was written as %d while TXDCTL.ENABLE was not set", queue, value);
            return;
        }
        DOORBELL.setRelease(this, value); // pairs with the acquire in hasWork: descriptors before the tail
    }

    int read(int offset, int field) {
        return switch (field) {
            case 0x10 -> enabled ? head : registers.get(offset);
            case 0x18 -> doorbell;
            case 0x28 -> control(offset);
            default -> registers.get(offset);
        };
    }

    void write(int offset, int field, int value) {
        switch (field) {
            case 0x00 -> {
                if ((value & ALIGNMENT - 1) != 0) {
                    complaints.add("8.2.3.9.5", "TDBAL(%d): 0x%x is not a multiple of 128", queue, value);
                }
                writeFixed(offset, field, value & (int) -ALIGNMENT);
            }
            case 0x10 -> {
                if (enabled && value != head) {
                    complaints.add("8.2.3.9.8", "TDH(%d) was changed while the queue was enabled", queue);
                }
                registers.put(offset, value);
            }
            case 0x28 -> writeControl(offset, value);
            default -> writeFixed(offset, field, value);
        }
    }

    /// Time has passed: what software asked for happens, if packets in the ring don't hold it up.
    void elapse(long nowNanos, boolean canSend) {
        if (pendingEnable) {
            enable();
        }
        if (reportedCount > 0) {
            int vector = interrupts.transmitVector(queue);
            if (vector >= 0 && nowNanos - reportedSince >= interrupts.intervalNanos(vector)) {
                flush(); // the throttling interval ends the wait for WTHRESH (7.2.3.4.2)
            }
        }
        if (pendingDisable && (!canSend || !hasWork())) {
            disable();
        }
    }

    /// Forgets everything; the host's memory is not touched any more.
    void reset() {
        reportedCount = 0;
        disable();
        pendingEnable = false;
        doorbell = 0;
    }

    /// True if there are descriptors to process.
    boolean hasWork() {
        if (!enabled || stopped) {
            return false;
        }
        int written = (int) DOORBELL.getAcquire(this);
        if (written != tail) {
            accept(written);
        }
        return head != tail && !stopped;
    }

    int head() {
        return head;
    }

    int tail() {
        return tail;
    }

    int next(int slot) {
        return slot + 1 == count ? 0 : slot + 1;
    }

    long address(int slot) {
        return Memory.getLong(base + (long) slot * DESCRIPTOR);
    }

    long command(int slot) {
        return Memory.getLong(base + (long) slot * DESCRIPTOR + 8);
    }

    /// Processing has gone on to another descriptor.
    void advance(int newHead) {
        head = newHead;
    }

    /// Like a PCIe master abort: nothing happens on this queue any more until it is reset.
    void stop() {
        stopped = true;
    }

    boolean writesBackInBursts() {
        return writeBackThreshold > 0;
    }

    /// Reports a packet as sent, whose last descriptor asked for it. The head has been advanced.
    void report(int slot, long nowNanos) {
        if (headAddress != 0) {
            Memory.putIntRelease(headAddress, head);
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
    void unmap(Region region) {
        if (!enabled) {
            return;
        }
        if (RxRing.contains(region, base)) {
            complaints.add("7.2.3.3", "the memory of transmit ring %d was unmapped while the queue was enabled", queue);
            stopped = true;
            return;
        }
        if (headAddress != 0 && RxRing.contains(region, headAddress)) {
            complaints.add("7.2.3.5.2", "where the head of transmit ring %d is written back was unmapped", queue);
            headAddress = 0;
        }
        if (!hasWork()) {
            return;
        }
        for (int slot = head; slot != tail; slot = next(slot)) {
            long buffer = dma.translate(address(slot), 1);
            if (!TxPath.isContext(command(slot)) && buffer != 0 && RxRing.contains(region, buffer)) {
                complaints.add("7.2.3.3", "buffer 0x%x was unmapped while on transmit ring %d", address(slot), queue);
                stopped = true;
                return;
            }
        }
    }

    private void flush() {
        for (int i = 0; i < reportedCount && !stopped; i++) {
            Memory.putLongRelease(base + (long) reported[i] * DESCRIPTOR + 8, DONE);
        }
        if (reportedCount > 0) {
            reportedCount = 0;
            interrupts.sent(queue);
        }
    }

    private void accept(int written) {
        if (written < 0 || written >= count) {
            complaints.add(
                    "8.2.3.9.9", "TDT(%d) was written as %d, but the ring has %d descriptors", queue, written, count);
            stopped = true;
            return;
        }
        if (distance(head, tail) + distance(tail, written) >= count) {
            complaints.add(
                    "7.2.3.3",
                    "TDT(%d) was moved from %d to %d past TDH at %d: that hands over descriptors the device owns already",
                    queue,
                    tail,
                    written,
                    head);
        }
        tail = written;
    }

    private void writeFixed(int offset, int field, int value) {
        if (enabled && value != registers.get(offset)) {
            complaints.add("4.6.8", "%s was changed while the queue was enabled", RegisterTable.name(offset));
        }
        if (field == 8 && ((value & ALIGNMENT - 1) != 0 || Integer.compareUnsigned(value, MAX_BYTES) > 0)) {
            complaints.add("8.2.3.9.7", "TDLEN(%d): %d is not a multiple of 128 up to %d", queue, value, MAX_BYTES);
        }
        registers.put(offset, value);
    }

    private void writeControl(int offset, int value) {
        if ((value & RESERVED_CONTROL) != 0) {
            complaints.add("8.2.3.9.10", "TXDCTL(%d): 0x%x sets reserved bits", queue, value);
        }
        registers.put(offset, value & ~Reg.TXDCTL_SWFLSH);
        writeBackThreshold = value >>> Reg.TXDCTL_WTHRESH_SHIFT & THRESHOLD;
        int prefetch = value & Reg.TXDCTL_PTHRESH;
        if (writeBackThreshold > 0 && prefetch + writeBackThreshold > ON_CHIP) {
            complaints.add(
                    "7.2.3.4.1", "TXDCTL(%d): PTHRESH and WTHRESH exceed the %d descriptors on chip", queue, ON_CHIP);
        }
        if ((value & Reg.TXDCTL_SWFLSH) != 0) {
            flush();
        }
        boolean wanted = (value & Reg.TXDCTL_ENABLE) != 0;
        pendingEnable = wanted && !enabled;
        pendingDisable = !wanted && enabled;
        if (pendingEnable) {
            range.include(queue);
        }
    }

    private int control(int offset) {
        int value = registers.get(offset) & ~Reg.TXDCTL_ENABLE | (enabled ? Reg.TXDCTL_ENABLE : 0);
        if (pendingEnable) {
            enable();
        } else if (pendingDisable && !hasWork()) {
            disable();
        }
        return value;
    }

    private void enable() {
        pendingEnable = false;
        long io = registers.get(Reg.tdbal(queue)) & 0xFFFF_FFFFL | (long) registers.get(Reg.tdbah(queue)) << 32;
        count = registers.get(Reg.tdlen(queue)) / DESCRIPTOR;
        base = count == 0 ? 0 : dma.translate(io, (long) count * DESCRIPTOR);
        if (count == 0) {
            complaints.add("4.6.8", "transmit queue %d was enabled with TDLEN 0", queue);
        } else if (base == 0) {
            complaints.add("4.6.8", "transmit ring %d: the device may not access its memory at 0x%x", queue, io);
        }
        if (!path.transmitting()) {
            complaints.add("4.6.8", "TXDCTL(%d).ENABLE was set before DMATXCTL.TE", queue);
        }
        enableHeadWriteBack();
        head = count == 0 ? 0 : registers.get(Reg.tdh(queue)) % count;
        tail = head;
        doorbell = head;
        reportedCount = 0;
        for (TxContext context : contexts) {
            context.clear();
        }
        stopped = base == 0;
        enabled = true;
    }

    private void enableHeadWriteBack() {
        headAddress = 0;
        int low = registers.get(Reg.tdwbal(queue));
        if ((low & Reg.TDWBAL_ENABLE) == 0) {
            return;
        }
        long io = low & 0xFFFF_FFFCL | (long) registers.get(Reg.tdwbah(queue)) << 32;
        if ((io & 15) != 0) {
            complaints.add("7.2.3.5.2, found on hardware", "TDWBAL(%d): 0x%x is not a multiple of 16", queue, io);
        }
        if (registers.has(Reg.dcaTxctrl(queue), Reg.DCA_TXCTRL_WRITE_BACK_RELAXED)) {
            complaints.add(
                    "8.2.3.11.2, found on hardware",
                    "DCA_TXCTRL(%d): bit 11 lets head write-backs overtake each other, and must be clear",
                    queue);
        }
        if (writeBackThreshold > 0) {
            complaints.add("7.2.3.5.2", "TXDCTL(%d).WTHRESH must be 0 with head write-back", queue);
        }
        headAddress = dma.translate(io & -4, 4);
        if (headAddress == 0) {
            complaints.add("7.2.3.5.2", "TDWBAL(%d): the device may not access 0x%x", queue, io);
        }
    }

    private void disable() {
        if (enabled) {
            flush();
            registers.put(Reg.tdh(queue), head);
        }
        enabled = false;
        pendingDisable = false;
        stopped = false;
        headAddress = 0;
    }

    private int distance(int from, int to) {
        return to >= from ? to - from : to - from + count;
    }
}
