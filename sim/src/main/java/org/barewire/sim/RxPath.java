package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// A received frame's way from the wire to the host's memory (7.1): length and CRC, filters, parsing, choice
/// of the queue, packet buffer, descriptors. Guarded by the model's lock.
final class RxPath {
    private static final int MIN_FRAME = 64;
    private static final int MAX_STANDARD_FRAME = 1518;
    private static final int MAX_LENGTH_FIELD = 1500; // above, it is an EtherType (IEEE 802.3, 3.2.6)
    private static final int VLAN_TAG = 4;
    private static final int ETHERNET_HEADER = 14;

    private final RegisterFile registers;
    private final DataPathControl path;
    private final RxRing[] rings;
    private final RxFilter filter;
    private final FrameParser parser;
    private final Statistics statistics;
    private final Interrupts interrupts;
    private final Complaints complaints;
    private final PacketBuffer buffer;
    private final long scratch;
    private final FrameInfo frame = new FrameInfo();

    RxPath(
            RegisterFile registers,
            DataPathControl path,
            RxRing[] rings,
            RxFilter filter,
            FrameParser parser,
            Statistics statistics,
            Interrupts interrupts,
            Complaints complaints,
            PacketBuffer buffer,
            long scratch) {
        this.registers = registers;
        this.path = path;
        this.rings = rings;
        this.filter = filter;
        this.parser = parser;
        this.statistics = statistics;
        this.interrupts = interrupts;
        this.complaints = complaints;
        this.buffer = buffer;
        this.scratch = scratch;
    }

    void reset() {
        buffer.clear();
    }

    /// Takes a frame, without its check sequence, off the wire.
    void arrive(long address, int length, boolean damaged) {
        if (!path.receiving()) {
            return;
        }
        int wireLength = length + FrameCheckSequence.BYTES;
        statistics.arrived(wireLength);
        if (length < ETHERNET_HEADER) {
            registers.add(damaged ? Reg.RFC : Reg.RUC, 1);
            return;
        }
        boolean tagged = length >= ETHERNET_HEADER + VLAN_TAG
                && (Memory.getShortBe(address + 12) & 0xFFFF) == (registers.get(Reg.VLNCTRL) & Reg.VLNCTRL_VET);
        int l3 = tagged ? ETHERNET_HEADER + VLAN_TAG : ETHERNET_HEADER;
        int tag = tagged ? Memory.getShortBe(address + 14) & 0xFFFF : 0;
        int fault = fault(address, length, l3, damaged);
        RxFilter.Verdict verdict = filter.match(address);
        boolean wanted = verdict != RxFilter.Verdict.REJECTED && (!tagged || filter.passesVlan(tag));
        if (fault == 0) {
            statistics.unfiltered(wireLength);
        } else if (wanted || fault == Reg.CRCERRS) {
            registers.add(fault, 1);
        }
        if (!wanted || fault != 0 && !registers.has(Reg.FCTRL, Reg.FCTRL_SBP)) {
            return;
        }
        frame.clear();
        frame.wireLength = wireLength;
        if (fault == 0) {
            long destination = Memory.getLong(address) << 16;
            statistics.received((destination & 0x10000) != 0, destination == -1L << 16, wireLength);
            parser.parse(frame, address, length, l3);
        } else {
            frame.status = FrameInfo.MAC_ERROR;
        }
        if (verdict == RxFilter.Verdict.INEXACT) {
            frame.status |= FrameInfo.INEXACT_FILTER;
        }
        RxRing ring = rings[frame.queue];
        if (tagged && ring.stripsVlan()) {
            frame.status |= FrameInfo.VLAN_STRIPPED;
            frame.vlan = tag;
        }
        place(ring, address, length);
    }

    /// Hands the frames that wait in the packet buffer to the rings that have room now; true if any went.
    boolean drain() {
        boolean worked = false;
        while (!buffer.isEmpty()) {
            int length = buffer.peek(frame);
            RxRing ring = rings[frame.queue];
            if (hasRoom(ring, length)) {
                store(ring, buffer.content(), length);
            } else if (waits(ring, length)) {
                return worked;
            } else {
                statistics.droppedForLackOfDescriptors(ring.queue);
            }
            buffer.remove();
            worked = true;
        }
        return worked;
    }

    /// The counter for what is wrong with the frame as such (8.2.3.23), or 0 if nothing is.
    private int fault(long address, int length, int l3, boolean damaged) {
        int wireLength = length + FrameCheckSequence.BYTES;
        int limit = registers.has(Reg.HLREG0, Reg.HLREG0_JUMBOEN)
                ? registers.get(Reg.MAXFRS) >>> Reg.MAXFRS_MFS_SHIFT
                : MAX_STANDARD_FRAME;
        if (wireLength > limit + l3 - ETHERNET_HEADER) {
            return damaged ? Reg.RJC : Reg.ROC;
        }
        if (wireLength < MIN_FRAME) {
            return damaged ? Reg.RFC : Reg.RUC;
        }
        if (damaged) {
            return Reg.CRCERRS;
        }
        int lengthField = Memory.getShortBe(address + l3 - 2) & 0xFFFF;
        boolean wrong = lengthField <= MAX_LENGTH_FIELD && lengthField > length - l3;
        return wrong && registers.has(Reg.HLREG0, Reg.HLREG0_RXLNGTHERREN) ? Reg.RLEC : 0;
    }

    private void place(RxRing ring, long address, int length) {
        if (buffer.isEmpty()) {
            if (hasRoom(ring, length)) {
                store(ring, address, length);
                return;
            }
            if (!waits(ring, length)) {
                statistics.droppedForLackOfDescriptors(ring.queue);
                return;
            }
        }
        int size = (registers.get(Reg.rxpbsize(0)) >>> 10 & 0x3FF) << 10;
        if (buffer.bytes() + length > size || !buffer.add(frame, address, length)) {
            registers.add(Reg.mpc(0), 1);
            interrupts.raise(Reg.EICR_RX_MISS);
        }
    }

    private boolean hasRoom(RxRing ring, int length) {
        if (ring.hasRoomFor(hostLength(length))) {
            return true;
        }
        ring.fetch();
        return ring.hasRoomFor(hostLength(length));
    }

    /// True if a frame waits in the packet buffer for this ring to get descriptors, false if it is dropped.
    private boolean waits(RxRing ring, int length) {
        if (!ring.enabled() || ring.dropsWhenEmpty()) {
            return false;
        }
        if (ring.canNeverHold(hostLength(length))) {
            complaints.add(Rule.RX_RING_TOO_SMALL, ring.name(), length);
            return false;
        }
        return true;
    }

    private int hostLength(int length) {
        int stripped = (frame.status & FrameInfo.VLAN_STRIPPED) != 0 ? VLAN_TAG : 0;
        return length - stripped + (registers.has(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP) ? 0 : FrameCheckSequence.BYTES);
    }

    private void store(RxRing ring, long address, int length) {
        int hostLength = hostLength(length);
        long from = address;
        if (hostLength != length) {
            from = scratch;
            int skip = (frame.status & FrameInfo.VLAN_STRIPPED) != 0 ? VLAN_TAG : 0;
            Memory.copy(address, scratch, 12);
            Memory.copy(address + 12 + skip, scratch + 12, length - 12 - skip);
            if (!registers.has(Reg.HLREG0, Reg.HLREG0_RXCRCSTRP)) {
                int sequence = FrameCheckSequence.of(address, length);
                boolean damaged = (frame.status & FrameInfo.MAC_ERROR) != 0;
                Memory.putInt(scratch + length - skip, damaged ? ~sequence : sequence);
            }
        }
        ring.deliver(frame, from, hostLength);
        statistics.storedToHost(ring.queue, frame.wireLength, hostLength);
        interrupts.received(ring.queue);
    }
}
