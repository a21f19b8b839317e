package org.barewire.sim;

import static org.barewire.sim.TxDescriptor.INSERT_FCS;
import static org.barewire.sim.TxDescriptor.INSERT_IP;
import static org.barewire.sim.TxDescriptor.INSERT_L4;
import static org.barewire.sim.TxDescriptor.INSERT_VLAN;
import static org.barewire.sim.TxDescriptor.PAYLOAD_SHIFT;
import static org.barewire.sim.TxDescriptor.SEGMENT;

import org.barewire.drivers.ixgbe.Reg;

/// What must hold of advanced transmit descriptors and their contexts.
final class TxRules {
    private static final int MIN_PACKET = 17;
    private static final int MIN_MAC_HEADER = 14;
    private static final int MIN_IP_HEADER = 20;
    private static final int MIN_L4_HEADER = 8;
    private static final int MAX_L4_HEADER = 64;
    private static final int MAX_HEADERS = 512;

    private final Complaints complaints;

    TxRules(Complaints complaints) {
        this.complaints = complaints;
    }

    /// Checks the data descriptor that a packet of the given length begins with; false if it can't be sent.
    boolean checkData(TxRing ring, int slot, int command, int options, int length) {
        if ((options & TxDescriptor.DONE) != 0) {
            complaints.add(Rule.TX_DESCRIPTOR_DONE, RegisterTable.name(Reg.tdt(ring.queue)), slot);
        }
        boolean offload = (command & (SEGMENT | INSERT_VLAN)) != 0 || (options & (INSERT_IP | INSERT_L4)) != 0;
        if (offload && (command & INSERT_FCS) == 0) {
            complaints.add(Rule.OFFLOAD_WITHOUT_FCS, ring.name());
        }
        int payload = options >>> PAYLOAD_SHIFT;
        if ((command & SEGMENT) == 0 && payload != length) {
            complaints.add(Rule.TX_PAYLOAD, ring.name(), payload, length);
        }
        if (length < MIN_PACKET) {
            complaints.add(Rule.TX_TOO_SHORT, ring.name(), length);
        }
        if ((command & TxDescriptor.TYPE) != TxDescriptor.TYPE_DATA) {
            complaints.add(Rule.TX_DESCRIPTOR_TYPE, ring.name(), command >>> 20 & 0xF);
            return false;
        }
        return true;
    }

    /// Checks the context of a packet that has offloads; false if they can't be done.
    boolean checkContext(TxRing ring, int command, int options, TxContext context, int length) {
        if (!context.valid) {
            complaints.add(Rule.OFFLOAD_WITHOUT_CONTEXT, ring.name());
            return false;
        }
        boolean ip = (options & INSERT_IP) != 0;
        boolean l4 = (options & INSERT_L4) != 0;
        boolean segment = (command & SEGMENT) != 0;
        if (ip && !context.ipv4) {
            complaints.add(Rule.IP_CHECKSUM_NOT_IPV4, ring.name());
        }
        if (segment && (!l4 || context.ipv4 && !ip)) {
            complaints.add(Rule.SEGMENT_CHECKSUMS, ring.name());
        }
        int payload = options >>> PAYLOAD_SHIFT;
        int expected = length - context.headerLength();
        if (segment && payload != expected) {
            complaints.add(Rule.SEGMENT_PAYLOAD, ring.name(), payload, expected);
        }
        boolean headers = ip || l4 || segment; // inserting a tag alone needs none
        boolean fits = !headers || context.macLength >= MIN_MAC_HEADER && context.ipLength >= MIN_IP_HEADER;
        fits &= !l4 || context.l4Checksum() + 2 <= length;
        fits &= !ip || context.macLength + context.ipLength <= length;
        fits &= !segment || expected > 0 && canSegment(context);
        if (!fits) {
            complaints.add(Rule.CONTEXT_MISFIT, ring.name());
        }
        return fits;
    }

    private static boolean canSegment(TxContext context) {
        return context.segmentSize > 0
                && context.l4Length >= MIN_L4_HEADER
                && context.l4Length <= MAX_L4_HEADER
                && context.headerLength() <= MAX_HEADERS
                && context.longestFrame() <= TxDescriptor.MAX_FRAME;
    }
}
