package org.barewire.sim;

import static org.barewire.sim.TxDescriptor.ADVANCED;
import static org.barewire.sim.TxDescriptor.DATA_LENGTH;
import static org.barewire.sim.TxDescriptor.END_OF_PACKET;
import static org.barewire.sim.TxDescriptor.INSERT_CHECKSUM;
import static org.barewire.sim.TxDescriptor.INSERT_FCS;
import static org.barewire.sim.TxDescriptor.INSERT_IP;
import static org.barewire.sim.TxDescriptor.INSERT_L4;
import static org.barewire.sim.TxDescriptor.INSERT_VLAN;
import static org.barewire.sim.TxDescriptor.MAX_BUFFER;
import static org.barewire.sim.TxDescriptor.MAX_FRAME;
import static org.barewire.sim.TxDescriptor.REPORT_STATUS;
import static org.barewire.sim.TxDescriptor.SEGMENT;
import static org.barewire.sim.TxDescriptor.isContext;
import static org.barewire.sim.TxDescriptor.isPlain;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// A packet's way from a transmit ring to the wire (7.2): descriptors, offloads, segmentation, padding.
/// Guarded by the model's lock.
final class TxPath {
    /// Bytes of own memory that packets are assembled in.
    static final int SCRATCH = (256 << 10) + (64 << 10);

    private static final int MAX_PACKET = 256 << 10;
    private static final int MIN_FRAME = 60; // without check sequence
    private static final int FRAME_OFFSET = 16; // room for a tag in front of a frame

    private final RegisterFile registers;
    private final Link link;
    private final RxPath receiver;
    private final DmaSpace dma;
    private final BufferSet live;
    private final Statistics statistics;
    private final Complaints complaints;
    private final TxRules rules;
    private final Segmenter segmenter;
    private final long frame;
    private final long packet;

    // the packet at hand
    private TxRing ring;
    private int command;
    private int options;
    private int vlanTag;
    private int lastSlot;
    private boolean report;

    TxPath(
            RegisterFile registers,
            Link link,
            RxPath receiver,
            DmaSpace dma,
            BufferSet live,
            Statistics statistics,
            Complaints complaints,
            TxRing firstRing,
            long scratch) {
        this.registers = registers;
        this.link = link;
        this.receiver = receiver;
        this.dma = dma;
        this.live = live;
        this.statistics = statistics;
        this.complaints = complaints;
        rules = new TxRules(complaints);
        segmenter = new Segmenter(registers);
        ring = firstRing;
        frame = scratch;
        packet = scratch + (32 << 10);
    }

    void reset() {
        segmenter.cancel();
    }

    boolean canSend(long nowNanos) {
        WireEnd end = link.end();
        return registers.has(Reg.HLREG0, Reg.HLREG0_LPBK) || link.up() && end != null && end.canSend(nowNanos);
    }

    /// Goes on with a packet that is being cut into frames; false if there is none, or no room for a frame.
    boolean continueSegments(long nowNanos) {
        boolean worked = false;
        while (segmenter.active() && canSend(nowNanos)) {
            emit(nowNanos, frame + FRAME_OFFSET, segmenter.next(frame + FRAME_OFFSET));
            worked = true;
            if (!segmenter.active()) {
                complete(nowNanos);
            }
        }
        return worked;
    }

    boolean segmenting() {
        return segmenter.active();
    }

    /// Sends the ring's next packet; the wire has room for a frame. False if there is no whole packet.
    boolean sendNext(TxRing from, long nowNanos) {
        ring = from;
        int slot = loadContexts();
        if (slot == ring.tail()) {
            complainOfTail(); // behind a context, without the packet that it is for
            return false;
        }
        long first = ring.upper(slot);
        command = (int) first;
        options = (int) (first >>> 32);
        int length = command & DATA_LENGTH;
        if (isPlain(command, options) && length >= MIN_FRAME && length <= MAX_FRAME) {
            return sendWhole(slot, length, nowNanos);
        }
        return sendAssembled(slot, nowNanos);
    }

    private boolean sendWhole(int slot, int length, long nowNanos) {
        long buffer = buffer(slot, length);
        if (buffer == 0) {
            return false;
        }
        finish(slot, command);
        if ((command & ADVANCED) == 0 || rules.checkData(ring, slot, command, options, length)) {
            emit(nowNanos, buffer, length);
        }
        complete(nowNanos);
        return true;
    }

    private boolean sendAssembled(int slot, long nowNanos) {
        int length = gather(slot);
        if (length < 0) {
            return false;
        }
        if ((command & ADVANCED) == 0) {
            sendLegacy(length, nowNanos);
        } else if (rules.checkData(ring, slot, command, options, length)) {
            sendAdvanced(length, nowNanos);
        } else {
            complete(nowNanos);
        }
        return true;
    }

    /// Copies the packet that begins at a slot together, up to its last descriptor, and advances the ring.
    /// Gives its length, or -1 if it can't be sent now or ever.
    private int gather(int firstSlot) {
        int slot = firstSlot;
        int length = 0;
        int used = 1;
        while (true) {
            int each = (int) ring.upper(slot);
            int bytes = each & DATA_LENGTH;
            boolean last = (each & END_OF_PACKET) != 0;
            if (!last && (each & REPORT_STATUS) != 0) {
                complain(Rule.TX_STATUS_INSIDE);
            }
            boolean empty = bytes == 0 && (each & ADVANCED) == 0 && last && used == 1;
            if (!empty) {
                long buffer = buffer(slot, bytes);
                if (buffer == 0) {
                    return -1;
                }
                if (length + bytes > MAX_PACKET + 256) {
                    abort(Rule.SEGMENT_TOO_LONG);
                    return -1;
                }
                Memory.copy(buffer, packet + length, bytes);
                length += bytes;
            }
            if (last) {
                finish(slot, each);
                return length;
            }
            slot = ring.next(slot);
            if (++used > ring.mostDescriptors()) {
                abort(Rule.TX_DESCRIPTOR_COUNT, ring.mostDescriptors());
                return -1;
            }
            if (slot == ring.tail()) {
                complainOfTail();
                return -1;
            }
        }
    }

    private void sendLegacy(int length, long nowNanos) {
        if (length > 0) {
            if ((command & INSERT_CHECKSUM) != 0) {
                TxOffload.insertChecksum(packet, length, options >>> 8 & 0xFF, command >>> 16 & 0xFF);
            }
            vlanTag = options >>> 16 & 0xFFFF;
            emitPacket(nowNanos, length);
        }
        complete(nowNanos);
    }

    private void sendAdvanced(int length, long nowNanos) {
        TxContext context = ring.context(options >>> 4 & 1);
        boolean offload = (command & (SEGMENT | INSERT_VLAN)) != 0 || (options & (INSERT_IP | INSERT_L4)) != 0;
        vlanTag = context.vlanTag;
        if (offload && !rules.checkContext(ring, command, options, context, length)) {
            complete(nowNanos);
            return;
        }
        if ((command & SEGMENT) != 0) {
            segmenter.start(packet, length, context, (options & INSERT_IP) != 0);
            continueSegments(nowNanos);
            return;
        }
        if ((options & INSERT_IP) != 0) {
            TxOffload.insertIpChecksum(packet, context);
        }
        if ((options & INSERT_L4) != 0) {
            TxOffload.insertL4Checksum(packet, length, context, 0);
        }
        emitPacket(nowNanos, length);
        complete(nowNanos);
    }

    /// Sends the packet that has been gathered.
    private void emitPacket(long nowNanos, int length) {
        if (length > MAX_FRAME) {
            complain(Rule.TX_TOO_LONG, length);
        } else {
            emit(nowNanos, packet, length);
        }
    }

    /// Puts a frame on the wire; in front of and behind one that is not a whole buffer there is room.
    private void emit(long nowNanos, long address, int length) {
        long from = address;
        int bytes = length;
        if ((command & INSERT_VLAN) != 0) {
            from = TxOffload.insertVlan(from, registers.get(Reg.DMATXCTL) >>> Reg.DMATXCTL_VT_SHIFT, vlanTag);
            bytes += 4;
        }
        if ((command & INSERT_FCS) == 0) {
            bytes -= FrameCheckSequence.BYTES;
            if (bytes < 0 || Memory.getInt(from + bytes) != FrameCheckSequence.of(from, bytes)) {
                complain(Rule.TX_WRONG_FCS);
                return;
            }
        } else if (bytes < MIN_FRAME && registers.has(Reg.HLREG0, Reg.HLREG0_TXPADEN)) {
            Memory.fill(from + bytes, MIN_FRAME - bytes, (byte) 0);
            bytes = MIN_FRAME;
        }
        long destination = Memory.getLong(from) << 16;
        statistics.sent(
                ring.queue, (destination & 0x10000) != 0, destination == -1L << 16, bytes + FrameCheckSequence.BYTES);
        WireEnd end = link.end();
        if (registers.has(Reg.HLREG0, Reg.HLREG0_LPBK)) {
            receiver.arrive(from, bytes, false);
        } else if (end != null) {
            end.send(nowNanos, from, bytes);
        }
    }

    private void finish(int slot, int lastCommand) {
        lastSlot = slot;
        report = (lastCommand & REPORT_STATUS) != 0;
        ring.moveHead(ring.next(slot));
    }

    private void complete(long nowNanos) {
        ring.report(lastSlot, report, nowNanos);
    }

    /// Processes context descriptors; gives the slot of the first other one, or the tail.
    private int loadContexts() {
        int slot = ring.head();
        while (slot != ring.tail() && isContext(ring.upper(slot))) {
            long upper = ring.upper(slot);
            ring.context((int) (upper >>> 36) & 1).load(ring.lower(slot), upper);
            slot = ring.next(slot);
            ring.moveHead(slot);
        }
        return slot;
    }

    /// Where a descriptor's buffer is, or 0 if the device can't use it, upon which the queue stops.
    private long buffer(int slot, int bytes) {
        long io = ring.lower(slot);
        int most = (command & ADVANCED) != 0 ? MAX_BUFFER : MAX_FRAME;
        if (bytes == 0 || bytes > most) {
            abort(Rule.TX_DESCRIPTOR_LENGTH, bytes, most);
            return 0;
        }
        long buffer = dma.readable(io, bytes);
        if (buffer == 0) {
            abort(Rule.TX_BUFFER_ACCESS, bytes, io);
            return 0;
        }
        if (live.contains(io)) {
            complain(Rule.TX_BUFFER_OWNED, io);
        }
        return buffer;
    }

    private void abort(Rule rule, Object... numbers) {
        complain(rule, numbers);
        ring.stop();
    }

    private void complain(Rule rule, Object... numbers) {
        complaints.add(rule, ring.name(), numbers);
    }

    private void complainOfTail() {
        complaints.add(Rule.TX_UNFINISHED, RegisterTable.name(Reg.tdt(ring.queue)));
    }
}
