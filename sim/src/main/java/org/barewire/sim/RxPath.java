package org.barewire.sim;

import org.barewire.core.memory.Memory;
import org.barewire.drivers.ixgbe.Reg;

/// A received frame's way from the wire to the host's memory (7.1): length and CRC, filters, parsing, choice of the
/// queue, packet buffer, descriptors. Guarded by the model's lock.
final class RxPath {
    private static final int MIN_FRAME = 64;
    private static final int MAX_STANDARD_FRAME = 1518;
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
        boolean good = checkMac(address, length, wireLength, l3, damaged);
        if (good) {
            statistics.unfiltered(wireLength);
        }
        RxFilter.Verdict verdict = filter.match(address);
        int tag = tagged ? Memory.getShortBe(address + 14) & 0xFFFF : 0;
        if (verdict == RxFilter.Verdict.REJECTED || tagged && !filter.passesVlan(tag)) {
            return;
        }
        if (!good && !registers.has(Reg.FCTRL, Reg.FCTRL_SBP)) {
            return;
        }
        frame.clear();
        frame.wireLength = wireLength;
        if (good) {
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

    /// Counts what is wrong with the frame as such (8.2.3.23); true if nothing is.
    private boolean checkMac(long address, int length, int wireLength, int l3, boolean damaged) {
        int limit = registers.has(Reg.HLREG0, Reg.HLREG0_JUMBOEN)
                ? registers.get(Reg.MAXFRS) >>> Reg.MAXFRS_MFS_SHIFT
                : MAX_STANDARD_FRAME;
        if (wireLength > limit + l3 - ETHERNET_HEADER) {
            registers.add(damaged ? Reg.RJC : Reg.ROC, 1);
            return false;
        }
        if (wireLength < MIN_FRAME) {
            registers.add(damaged ? Reg.RFC : Reg.RUC, 1);
            return false;
        }
        if (damaged) {
            registers.add(Reg.CRCERRS, 1);
            return false;
        }
        int lengthField = Memory.getShortBe(address + l3 - 2) & 0xFFFF;
        if (lengthField <= 1500 && lengthField > length - l3) {
            registers.add(Reg.RLEC, 1);
            return !registers.has(Reg.HLREG0, Reg.HLREG0_RXLNGTHERREN);
        }
        return true;
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
            complaints.add(
                    "7.1.6", "a frame of %d bytes does not fit in all buffers of receive ring %d", length, ring.queue);
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
        statistics.storedToHost(ring.queue, frame.wireLength);
        interrupts.received(ring.queue);
    }
}
