package org.barewire.drivers.intel;

import org.barewire.core.memory.Registers;

/// A transmit ring of extended descriptors, those of the 8254x and the 82574 (8254x manual, 3.3.6 and 3.3.7).
public final class ExtendedTxQueue extends IntelTxQueue {
    /// An empty queue; see {@link IntelTxQueue}.
    public ExtendedTxQueue(
            Registers registers, int tailRegister, long ring, int descriptors, boolean insertsTags, int longest) {
        super(registers, tailRegister, ring, descriptors, new ExtendedTxFormat(insertsTags), longest);
    }

    @Override
    public int send(long[] out, int from, int count) {
        return sendEach(out, from, count);
    }
}
