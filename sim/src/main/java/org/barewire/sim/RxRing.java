package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// One receive ring (7.1.9). Guarded by the model's lock.
///
/// A descriptor is read when it is handed over, and its buffer's address kept, as the hardware's prefetch
/// does.
final class RxRing extends Ring {
    private static final int DCA_CONTROL = 0x0C; // DCA_RXCTRL
    private static final int SPLIT_CONTROL = 0x14; // SRRCTL
    private static final int FIXED_WHILE_ENABLED = Reg.SRRCTL_BSIZEPACKET | Reg.SRRCTL_DESCTYPE;
    private static final int MAX_BUFFER = 16 << 10;
    private static final long DONE_ADVANCED = 1;
    private static final long DONE_LEGACY = 1L << 32;

    private final BufferSet live;
    private int bufferSize;
    private boolean legacy;
    private long[] addresses = new long[0]; // of the buffers in the device's own descriptors, as they were given
    private long[] buffers = new long[0]; // and where they are

    RxRing(int queue, RegisterFile registers, DmaSpace dma, BufferSet live, QueueRange range, Complaints complaints) {
        super(Reg.rdbal(queue), queue, registers, dma, range, complaints);
        this.live = live;
    }

    @Override
    void write(int field, int value) {
        if (field == SPLIT_CONTROL) {
            int before = registers.get(Reg.srrctl(queue));
            if (enabled() && ((value ^ before) & FIXED_WHILE_ENABLED) != 0) {
                complain(field, Rule.CHANGED_WHILE_ENABLED);
            }
            registers.put(Reg.srrctl(queue), value);
        } else {
            super.write(field, value);
        }
    }

    /// Takes over the descriptors up to a new tail; true if there was one.
    boolean fetch() {
        int end = fetchTail();
        int slot = tail();
        if (slot == end) {
            return false;
        }
        while (slot != end && take(slot)) {
            slot = next(slot);
            moveTail(slot);
        }
        return true;
    }

    /// True if a frame of that many bytes fits in the descriptors that are there.
    boolean hasRoomFor(int length) {
        return running() && (long) owned() * bufferSize >= length;
    }

    /// True if it would not even fit in all of them.
    boolean canNeverHold(int length) {
        return length > (count() - 1L) * bufferSize;
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
            int slot = head();
            int bytes = Math.min(bufferSize, length - offset);
            Memory.copy(from + offset, buffers[slot], bytes);
            offset += bytes;
            live.remove(addresses[slot]);
            moveHead(next(slot));
            writeBack(slot, frame, bytes, offset == length);
        } while (offset < length);
    }

    /// Memory is going: complains of what this ring still has in it, and stops if there is any.
    void unmap(long io, long length) {
        unmapRing(io, length);
        for (int slot = head(); running() && slot != tail(); slot = next(slot)) {
            if (DmaSpace.within(addresses[slot], io, length)) {
                complaints.add(Rule.RX_BUFFER_UNMAPPED, name(), addresses[slot]);
                stop();
            }
        }
    }

    /// For complaints of what is on the ring.
    String name() {
        return "receive ring %d".formatted(queue);
    }

    @Override
    boolean configure() {
        int srrctl = registers.get(Reg.srrctl(queue));
        int type = srrctl & Reg.SRRCTL_DESCTYPE;
        bufferSize = (srrctl & Reg.SRRCTL_BSIZEPACKET) << 10;
        legacy = type == Reg.SRRCTL_DESCTYPE_LEGACY;
        addresses = new long[count()];
        buffers = new long[count()];
        if (registers.has(Reg.dcaRxctrl(queue), Reg.DCA_RXCTRL_BIT_12)) {
            complain(DCA_CONTROL, Rule.RX_BIT_12);
        }
        if (!legacy && type != Reg.SRRCTL_DESCTYPE_ADVANCED) {
            complain(SPLIT_CONTROL, Rule.RX_DESCRIPTOR_TYPE, type >>> 25);
        }
        if (bufferSize == 0 || bufferSize > MAX_BUFFER) {
            complain(SPLIT_CONTROL, Rule.RX_BUFFER_SIZE, bufferSize >> 10);
            return false;
        }
        return true;
    }

    @Override
    void disableRequested() {
        disable();
    }

    @Override
    void release() {
        for (int slot = head(); slot != tail(); slot = next(slot)) {
            live.remove(addresses[slot]);
        }
        moveTail(head());
    }

    private void writeBack(int slot, FrameInfo frame, int bytes, boolean last) {
        long descriptor = descriptor(slot);
        if (Memory.getLong(descriptor) != addresses[slot]) {
            complaints.add(Rule.RX_DESCRIPTOR_CHANGED, name());
        }
        // release: buffer and lower word before the status, which the driver reads with acquire (7.1.5)
        if (legacy) {
            Memory.putLongRelease(descriptor + 8, frame.legacyWord(bytes, last));
        } else {
            Memory.putLong(descriptor, frame.lowerWord());
            Memory.putLongRelease(descriptor + 8, frame.upperWord(bytes, last));
        }
    }

    /// Takes one descriptor over; false, and the queue stops, if the device can't use it.
    private boolean take(int slot) {
        long address = lower(slot);
        if ((upper(slot) & (legacy ? DONE_LEGACY : DONE_ADVANCED)) != 0) {
            complain(TAIL, Rule.RX_DESCRIPTOR_DONE);
        }
        long buffer = address == 0 ? 0 : dma.writable(address, bufferSize);
        if (buffer == 0) {
            complain(TAIL, Rule.RX_BUFFER_ACCESS, slot, bufferSize, address);
            stop();
            return false;
        }
        if (!live.add(address)) {
            complain(TAIL, Rule.RX_BUFFER_TWICE, address);
        }
        addresses[slot] = address;
        buffers[slot] = buffer;
        return true;
    }
}
