package org.barewire.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.Region;
import org.barewire.drivers.ixgbe.Reg;

/// One receive ring (7.1.9): fetches the descriptors that software hands over and writes them back.
///
/// Guarded by the model's lock but for {@link #ringDoorbell}. A descriptor belongs to the device from the moment it
/// is fetched: the buffer's address is kept, as the hardware's prefetch does.
final class RxRing {
    private static final VarHandle DOORBELL;

    static {
        try {
            DOORBELL = MethodHandles.lookup().findVarHandle(RxRing.class, "doorbell", int.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the doorbell field is not there", e);
        }
    }

    private static final int DESCRIPTOR = 16;
    private static final long ALIGNMENT = 128;
    private static final int MAX_BYTES = 0x80000;
    private static final long DONE_ADVANCED = 1;
    private static final long DONE_LEGACY = 1L << 32;

    final int queue;

    private final RegisterFile registers;
    private final DmaSpace dma;
    private final BufferSet live;
    private final QueueRange range;
    private final Complaints complaints;

    private volatile boolean enabled; // read by the driver's threads without the lock
    private boolean pendingEnable;
    private boolean stopped;
    private int doorbell;

    private long base;
    private int count;
    private int head;
    private int tail;
    private int bufferSize;
    private boolean legacy;
    private long[] buffers = new long[0]; // where the buffers of the device's own descriptors are
    private long[] addresses = new long[0]; // and as which address they were given

    RxRing(int queue, RegisterFile registers, DmaSpace dma, BufferSet live, QueueRange range, Complaints complaints) {
        this.queue = queue;
        this.registers = registers;
        this.dma = dma;
        this.live = live;
        this.range = range;
        this.complaints = complaints;
    }

    boolean enabled() {
        return enabled;
    }

    /// Software has written RDT. Called by the thread that did, without the lock.
    void ringDoorbell(int value) {
        if (!enabled && value != 0) {
            complaints.add("4.6.7", "RDT(%d) was written as %d while RXDCTL.ENABLE was not set", queue, value);
            return;
        }
        DOORBELL.setRelease(this, value); // pairs with the acquire in fetch: descriptors before the tail
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
            case 0x00 -> writeBase(offset, value);
            case 0x04, 0x08 -> writeFixed(offset, field, value);
            case 0x10 -> writeHead(offset, value);
            case 0x14 -> writeSplitControl(offset, value);
            default -> writeControl(offset, value);
        }
    }

    void elapse() {
        if (pendingEnable) {
            enable();
        }
    }

    void reset() {
        release();
        enabled = false;
        pendingEnable = false;
        stopped = false;
        doorbell = 0;
    }

    /// Takes over the descriptors up to a new tail; true if there was one.
    boolean fetch() {
        int written = (int) DOORBELL.getAcquire(this);
        if (written == tail || !enabled || stopped) {
            return false;
        }
        if (written < 0 || written >= count) {
            complaints.add(
                    "8.2.3.8.5", "RDT(%d) was written as %d, but the ring has %d descriptors", queue, written, count);
            stopped = true;
            return true;
        }
        if (owned() + distance(tail, written) >= count) {
            complaints.add(
                    "7.1.9",
                    "RDT(%d) was moved from %d to %d past RDH at %d: that hands over descriptors the device owns already",
                    queue,
                    tail,
                    written,
                    head);
            release();
            tail = head;
        }
        while (tail != written && take(tail)) {
            tail = next(tail);
        }
        return true;
    }

    /// True if a frame of that many bytes fits in the descriptors that are there.
    boolean hasRoomFor(int length) {
        return enabled && !stopped && (long) owned() * bufferSize >= length;
    }

    /// True if it would fit in no ring of this size.
    boolean canNeverHold(int length) {
        return length > (long) (count - 1) * bufferSize;
    }

    boolean dropsWhenEmpty() {
        return registers.has(Reg.srrctl(queue), Reg.SRRCTL_DROP_EN);
    }

    boolean stripsVlan() {
        return registers.has(Reg.rxdctl(queue), Reg.RXDCTL_VME);
    }

    /// Writes a frame that there is room for into buffers, and their descriptors back.
    void deliver(FrameInfo frame, long from, int length) {
        int offset = 0;
        do {
            int slot = head;
            int bytes = Math.min(bufferSize, length - offset);
            Memory.copy(from + offset, buffers[slot], bytes);
            offset += bytes;
            live.remove(addresses[slot]);
            head = next(slot);
            writeBack(base + (long) slot * DESCRIPTOR, frame, bytes, offset == length, addresses[slot]);
        } while (offset < length);
    }

    /// Memory is going: complains of what this ring still has in it, and stops if there is any.
    void unmap(Region region) {
        if (!enabled) {
            return;
        }
        if (contains(region, base)) {
            complaints.add("7.1.9", "the memory of receive ring %d was unmapped while the queue was enabled", queue);
            stopped = true;
        }
        for (int slot = head; slot != tail; slot = next(slot)) {
            if (contains(region, buffers[slot])) {
                complaints.add("7.1.9", "buffer 0x%x was unmapped while on receive ring %d", addresses[slot], queue);
                stopped = true;
                return;
            }
        }
    }

    static boolean contains(Region region, long address) {
        for (Region.Extent extent : region.extents()) {
            if (extent.contains(address, 1)) {
                return true;
            }
        }
        return false;
    }

    private void writeBack(long descriptor, FrameInfo frame, int bytes, boolean last, long address) {
        if (Memory.getLong(descriptor) != address) {
            complaints.add("7.1.9", "a descriptor of receive ring %d was changed while the device owned it", queue);
        }
        if (legacy) {
            // release: the frame before the status, which the driver reads with acquire (7.1.5)
            Memory.putLongRelease(descriptor + 8, frame.legacyWord(bytes, last));
        } else {
            Memory.putLong(descriptor, frame.lowerWord());
            Memory.putLongRelease(descriptor + 8, frame.upperWord(bytes, last));
        }
    }

    /// Takes one descriptor over; false, and the queue stops, if the device can't use it.
    private boolean take(int slot) {
        long descriptor = base + (long) slot * DESCRIPTOR;
        long address = Memory.getLong(descriptor);
        long status = Memory.getLong(descriptor + 8);
        if ((status & (legacy ? DONE_LEGACY : DONE_ADVANCED)) != 0) {
            complaints.add("7.1.6", "RDT(%d) hands over descriptor %d, which still has DD set", queue, slot);
        }
        if (address == 0) {
            complaints.add("7.1.6", "RDT(%d) hands over descriptor %d, whose buffer address is 0", queue, slot);
            stopped = true;
            return false;
        }
        long buffer = dma.translate(address, bufferSize);
        if (buffer == 0) {
            complaints.add(
                    "7.1.6",
                    "receive ring %d: the device may not access the %d bytes at 0x%x of descriptor %d",
                    queue,
                    bufferSize,
                    address,
                    slot);
            stopped = true;
            return false;
        }
        if (!live.add(address)) {
            complaints.add("7.1.6", "buffer 0x%x is on two receive descriptors at once", address);
        }
        buffers[slot] = buffer;
        addresses[slot] = address;
        return true;
    }

    private void writeBase(int offset, int value) {
        if ((value & ALIGNMENT - 1) != 0) {
            complaints.add("8.2.3.8.1", "RDBAL(%d): 0x%x is not a multiple of 128", queue, value);
        }
        writeFixed(offset, 0, value & (int) -ALIGNMENT);
    }

    /// Base and length, which must not change while the queue is enabled.
    private void writeFixed(int offset, int field, int value) {
        if (enabled && value != registers.get(offset)) {
            complaints.add("4.6.7", "%s was changed while the queue was enabled", RegisterTable.name(offset));
        }
        if (field == 8 && ((value & ALIGNMENT - 1) != 0 || Integer.compareUnsigned(value, MAX_BYTES) > 0)) {
            complaints.add("8.2.3.8.3", "RDLEN(%d): %d is not a multiple of 128 up to %d", queue, value, MAX_BYTES);
        }
        registers.put(offset, value);
    }

    private void writeHead(int offset, int value) {
        if (enabled && value != head) {
            complaints.add("8.2.3.8.4", "RDH(%d) was changed while the queue was enabled", queue);
        }
        registers.put(offset, value);
    }

    private void writeSplitControl(int offset, int value) {
        int fixed = Reg.SRRCTL_BSIZEPACKET | Reg.SRRCTL_DESCTYPE;
        if (enabled && ((value ^ registers.get(offset)) & fixed) != 0) {
            complaints.add("8.2.3.8.7", "SRRCTL(%d) was changed while the queue was enabled", queue);
        }
        registers.put(offset, value);
    }

    private void writeControl(int offset, int value) {
        registers.put(offset, value);
        boolean wanted = (value & Reg.RXDCTL_ENABLE) != 0;
        if (wanted && !enabled) {
            pendingEnable = true;
            range.include(queue);
        } else if (!wanted) {
            pendingEnable = false;
            release();
            enabled = false;
        }
    }

    private int control(int offset) {
        int value = registers.get(offset) & ~Reg.RXDCTL_ENABLE | (enabled ? Reg.RXDCTL_ENABLE : 0);
        if (pendingEnable) {
            enable();
        }
        return value;
    }

    private void enable() {
        pendingEnable = false;
        long io = registers.get(Reg.rdbal(queue)) & 0xFFFF_FFFFL | (long) registers.get(Reg.rdbah(queue)) << 32;
        count = registers.get(Reg.rdlen(queue)) / DESCRIPTOR;
        int srrctl = registers.get(Reg.srrctl(queue));
        bufferSize = (srrctl & Reg.SRRCTL_BSIZEPACKET) << 10;
        legacy = (srrctl & Reg.SRRCTL_DESCTYPE) == Reg.SRRCTL_DESCTYPE_LEGACY;
        base = count == 0 ? 0 : dma.translate(io, (long) count * DESCRIPTOR);
        checkConfiguration(io, srrctl);
        buffers = new long[count];
        addresses = new long[count];
        live.reserve(count);
        head = count == 0 ? 0 : registers.get(Reg.rdh(queue)) % count;
        tail = head;
        doorbell = head;
        stopped = base == 0 || bufferSize == 0;
        enabled = true;
    }

    private void checkConfiguration(long io, int srrctl) {
        if (count == 0) {
            complaints.add("4.6.7", "receive queue %d was enabled with RDLEN 0", queue);
        } else if (base == 0) {
            complaints.add("4.6.7", "receive ring %d: the device may not access its memory at 0x%x", queue, io);
        }
        if (bufferSize == 0 || bufferSize > 16 << 10) {
            complaints.add(
                    "8.2.3.8.7", "SRRCTL(%d).BSIZEPACKET is %d KiB: 1 to 16 are allowed", queue, bufferSize >> 10);
        }
        int type = srrctl & Reg.SRRCTL_DESCTYPE;
        if (type != Reg.SRRCTL_DESCTYPE_LEGACY && type != Reg.SRRCTL_DESCTYPE_ADVANCED) {
            complaints.add("8.2.3.8.7", "SRRCTL(%d).DESCTYPE %d is not modelled", queue, type >>> 25);
        }
        if (registers.has(Reg.dcaRxctrl(queue), Reg.DCA_RXCTRL_BIT_12)) {
            complaints.add("8.2.3.11.1", "DCA_RXCTRL(%d): bit 12 is set, and must be clear", queue);
        }
    }

    /// Forgets the descriptors that the device owns.
    private void release() {
        for (int slot = head; slot != tail; slot = next(slot)) {
            live.remove(addresses[slot]);
        }
        registers.put(Reg.rdh(queue), head);
        tail = head;
    }

    private int owned() {
        return distance(head, tail);
    }

    private int distance(int from, int to) {
        return to >= from ? to - from : to - from + count;
    }

    private int next(int slot) {
        return slot + 1 == count ? 0 : slot + 1;
    }
}
