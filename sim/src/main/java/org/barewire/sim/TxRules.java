package org.barewire.sim;

import static org.barewire.sim.TxDescriptor.INSERT_FCS;
import static org.barewire.sim.TxDescriptor.INSERT_IP;
import static org.barewire.sim.TxDescriptor.INSERT_L4;
import static org.barewire.sim.TxDescriptor.INSERT_VLAN;
import static org.barewire.sim.TxDescriptor.PAYLOAD_SHIFT;
import static org.barewire.sim.TxDescriptor.SEGMENT;

/// What must hold of advanced transmit descriptors and their contexts.
final class TxRules {
    private static final String DATA = "7.2.3.2.4";
    private static final String CONTEXT = "7.2.3.2.3";
    private static final int MIN_PACKET = 17;
    private static final int MIN_IP_HEADER = 20;

    private final Complaints complaints;

    TxRules(Complaints complaints) {
        this.complaints = complaints;
    }

    /// Checks the data descriptor that a packet of the given length begins with; false if it can't be sent.
    boolean checkData(int queue, int slot, int command, int options, int length) {
        if ((options & TxDescriptor.DONE) != 0) {
            complaints.add(DATA, "TDT(%d) hands over descriptor %d, which still has DD set", queue, slot);
        }
        boolean offload = (command & (SEGMENT | INSERT_VLAN)) != 0 || (options & (INSERT_IP | INSERT_L4)) != 0;
        if (offload && (command & INSERT_FCS) == 0) {
            complaints.add(DATA, "transmit ring %d: offloads without IFCS", queue);
        }
        int payload = options >>> PAYLOAD_SHIFT;
        if ((command & SEGMENT) == 0 && payload != length) {
            complaints.add(DATA, "transmit ring %d: PAYLEN is %d for %d bytes", queue, payload, length);
        }
        if (length < MIN_PACKET) {
            complaints.add(DATA + ", Linux", "transmit ring %d: a packet of %d bytes, below 17", queue, length);
        }
        if ((command & TxDescriptor.TYPE) != TxDescriptor.TYPE_DATA) {
            complaints.add(DATA, "transmit ring %d: DTYP %d", queue, command >>> 20 & 0xF);
            return false;
        }
        return true;
    }

    /// Checks the context of a packet that has offloads; false if they can't be done.
    boolean checkContext(int queue, int command, int options, TxContext context, int length) {
        if (!context.valid) {
            complaints.add(CONTEXT, "transmit ring %d: an offload without a context descriptor", queue);
            return false;
        }
        boolean ip = (options & INSERT_IP) != 0;
        boolean l4 = (options & INSERT_L4) != 0;
        boolean segment = (command & SEGMENT) != 0;
        if (ip && !context.ipv4) {
            complaints.add(DATA, "transmit ring %d: POPTS.IXSM for a packet that is not IPv4", queue);
        }
        if (segment && (!l4 || context.ipv4 && !ip)) {
            complaints.add(DATA, "transmit ring %d: TSE without the checksums in POPTS", queue);
        }
        int payload = options >>> PAYLOAD_SHIFT;
        int expected = length - context.headerLength();
        if (segment && payload != expected) {
            complaints.add(DATA, "transmit ring %d: PAYLEN is %d for %d bytes of payload", queue, payload, expected);
        }
        boolean fits = !l4 || context.l4Checksum() + 2 <= length;
        fits &= !ip || context.macLength + Math.max(MIN_IP_HEADER, context.ipLength) <= length;
        fits &= !segment || expected > 0 && context.segmentSize > 0 && context.longestFrame() <= TxDescriptor.MAX_FRAME;
        if (!fits) {
            complaints.add(CONTEXT, "transmit ring %d: the context does not fit the packet", queue);
        }
        return fits;
    }
}
