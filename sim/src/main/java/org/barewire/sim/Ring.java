package org.barewire.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// What receive and transmit rings have in common: a ring of descriptors in the host's memory, of which the
/// device owns those from its head up to software's tail (7.1.9, 7.2.3.3), and the registers that describe
/// it.
///
/// Guarded by the model's lock but for {@link #ringDoorbell}.
abstract class Ring {
    static final int DESCRIPTOR = 16;

    // register offsets from that of the base address
    static final int BASE_LOW = 0x00;
    static final int BASE_HIGH = 0x04;
    static final int LENGTH = 0x08;
    static final int HEAD = 0x10;
    static final int TAIL = 0x18;
    static final int CONTROL = 0x28;

    /// RXDCTL and TXDCTL have it at the same place.
    static final int ENABLE = Reg.RXDCTL_ENABLE;

    private static final VarHandle DOORBELL;

    static {
        try {
            DOORBELL = MethodHandles.lookup().findVarHandle(Ring.class, "doorbell", int.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the doorbell field is not there", e);
        }
    }

    private static final int ALIGNMENT = 128;
    private static final int MAX_BYTES = 0xFFF80;

    final int queue;
    final RegisterFile registers;
    final DmaSpace dma;
    final Complaints complaints;

    private final QueueRange range;
    private final int first;

    private volatile boolean enabled; // read by the driver's threads without the lock
    private boolean pendingEnable;
    private boolean stopped;
    private int doorbell;
    private long base;
    private int count;
    private int head;
    private int tail;

    /// @param first address of the ring's first register, RDBAL or TDBAL
    Ring(int first, int queue, RegisterFile registers, DmaSpace dma, QueueRange range, Complaints complaints) {
        this.first = first;
        this.queue = queue;
        this.registers = registers;
        this.dma = dma;
        this.range = range;
        this.complaints = complaints;
    }

    /// The queue is being enabled: reads its configuration and complains of what is wrong with it. The ring
    /// has its memory and its head; false if it can't work.
    abstract boolean configure();

    /// Software has cleared the enable bit.
    abstract void disableRequested();

    /// Gives up the descriptors that the device owns.
    abstract void release();

    /// Software has written the tail register. Called by the thread that did, without the lock.
    final void ringDoorbell(int value) {
        if (!enabled && value != 0) {
            complain(TAIL, Rule.TAIL_BEFORE_ENABLE, value); // it can be read back, but enabling sets it to the head
        }
        DOORBELL.setRelease(this, value); // pairs with the acquire in fetch: descriptors before the tail
    }

    final int read(int field) {
        return switch (field) {
            case HEAD -> enabled ? head : registers.get(first + HEAD);
            case TAIL -> doorbell;
            case CONTROL -> readControl();
            default -> registers.get(first + field);
        };
    }

    void write(int field, int value) {
        switch (field) {
            case BASE_LOW -> {
                if ((value & ALIGNMENT - 1) != 0) {
                    complain(field, Rule.RING_ALIGNMENT, value, ALIGNMENT);
                }
                writeFixed(field, value & -ALIGNMENT);
            }
            case LENGTH -> {
                if ((value & ALIGNMENT - 1) != 0 || Integer.compareUnsigned(value, MAX_BYTES) > 0) {
                    complain(field, Rule.RING_LENGTH, value, ALIGNMENT, MAX_BYTES);
                }
                writeFixed(field, value & MAX_BYTES);
            }
            case HEAD -> {
                if (enabled && value != head) {
                    complain(field, Rule.CHANGED_WHILE_ENABLED);
                }
                registers.put(first + field, value);
            }
            case CONTROL -> writeControl(value);
            default -> writeFixed(field, value);
        }
    }

    /// A register that must not change while the queue is enabled.
    final void writeFixed(int field, int value) {
        if (enabled && value != registers.get(first + field)) {
            complain(field, Rule.CHANGED_WHILE_ENABLED);
        }
        registers.put(first + field, value);
    }

    void reset() {
        disable();
        pendingEnable = false;
        doorbell = 0;
        head = 0;
        tail = 0;
    }

    final boolean enabled() {
        return enabled;
    }

    /// True if the queue is enabled and the device has not been stopped by an error.
    final boolean running() {
        return enabled && !stopped;
    }

    /// Like a PCIe master abort: nothing happens on this queue any more until it is disabled.
    final void stop() {
        stopped = true;
    }

    final void enableIfRequested() {
        if (pendingEnable) {
            enable();
        }
    }

    final void disable() {
        if (enabled) {
            release();
            registers.put(first + HEAD, head);
            enabled = false;
        }
        stopped = false;
    }

    /// The tail that software has written, if it is new and makes sense; else the old one. A wrong one stops
    /// the queue or makes it forget what it owned.
    final int fetchTail() {
        int written = (int) DOORBELL.getAcquire(this);
        if (written == tail || !running()) {
            return tail;
        }
        if (written < 0 || written >= count) {
            complain(TAIL, Rule.TAIL_BEYOND_RING, written, count);
            stop();
            return tail;
        }
        if (owned() + distance(tail, written) >= count) {
            complain(TAIL, Rule.TAIL_PAST_HEAD, tail, written, head);
            release();
            tail = head;
        }
        return written;
    }

    final void moveTail(int to) {
        tail = to;
    }

    final void moveHead(int to) {
        head = to;
    }

    final int head() {
        return head;
    }

    final int tail() {
        return tail;
    }

    final int count() {
        return count;
    }

    /// Descriptors that the device owns.
    final int owned() {
        return distance(head, tail);
    }

    final int next(int slot) {
        return slot + 1 == count ? 0 : slot + 1;
    }

    final long descriptor(int slot) {
        return base + (long) slot * DESCRIPTOR;
    }

    final long lower(int slot) {
        return Memory.getLong(descriptor(slot));
    }

    final long upper(int slot) {
        return Memory.getLong(descriptor(slot) + 8);
    }

    /// Memory is going: complains if the ring itself lies in it, and stops.
    final void unmapRing(long io, long length) {
        if (enabled && DmaSpace.within(baseAddress(), io, length)) {
            complain(BASE_LOW, Rule.RING_UNMAPPED);
            stop();
        }
    }

    /// Complains of one of the ring's registers.
    final void complain(int field, Rule rule, Object... numbers) {
        complaints.add(rule, RegisterTable.name(first + field), numbers);
    }

    private int readControl() {
        int value = registers.get(first + CONTROL) & ~ENABLE | (enabled ? ENABLE : 0);
        enableIfRequested();
        return value;
    }

    private void writeControl(int value) {
        registers.put(first + CONTROL, value);
        boolean wanted = (value & ENABLE) != 0;
        pendingEnable = wanted && !enabled;
        if (pendingEnable) {
            range.include(queue);
        } else if (enabled && !wanted) {
            disableRequested();
        }
    }

    private void enable() {
        pendingEnable = false;
        long io = baseAddress();
        count = registers.get(first + LENGTH) / DESCRIPTOR;
        base = count == 0 ? 0 : dma.writable(io, (long) count * DESCRIPTOR);
        head = count == 0 ? 0 : registers.get(first + HEAD) % count;
        tail = head;
        doorbell = head;
        if (count == 0) {
            complain(LENGTH, Rule.RING_EMPTY);
        } else if (base == 0) {
            complain(BASE_LOW, Rule.RING_ACCESS, count, io);
        }
        boolean right = configure();
        stopped = base == 0 || !right;
        enabled = true;
    }

    private long baseAddress() {
        return registers.get(first + BASE_LOW) & 0xFFFF_FFFFL | (long) registers.get(first + BASE_HIGH) << 32;
    }

    private int distance(int from, int to) {
        return to >= from ? to - from : to - from + count;
    }
}
