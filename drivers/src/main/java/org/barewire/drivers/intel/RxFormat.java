package org.barewire.drivers.intel;

import org.barewire.core.memory.Memory;

/// How a receive descriptor tells what has arrived. A queue reads all of them as the advanced write-back
/// ({@link Descriptor}), whose error bits lie differently on different devices.
public enum RxFormat {
    /// The 82599's advanced descriptors (82599 datasheet, 7.1.6.2).
    ADVANCED_10G(
            Descriptor.RX_CE | Descriptor.RX_LE | Descriptor.RX_PE | Descriptor.RX_OSE | Descriptor.RX_USE,
            Descriptor.RX_IPE,
            Descriptor.RX_L4E,
            0),
    /// Advanced descriptors of 82576, i350 and i210 (82576 datasheet, 7.1.5.2), and the 82574's extended
    /// ones, which look the same (82574 datasheet, 7.1.5).
    ADVANCED_1G(Bits.FRAME_ERRORS, Bits.IPE, Bits.TCPE, Bits.IXSM),
    /// The descriptors of the 8254x (manual, 3.2.3). They keep the address and are read into the form of the
    /// others, which takes longer.
    LEGACY(Bits.FRAME_ERRORS, Bits.IPE, Bits.TCPE, Bits.IXSM) {
        @Override
        long word(long descriptor) {
            long word = Memory.getLong(descriptor + 8);
            long status = word >>> 32 & 0xFF;
            long errors = word >>> 40 & 0xFF;
            long length = word & 0xFFFF;
            return status
                    | errors << 24
                    | length << Descriptor.RX_LENGTH_SHIFT
                    | word >>> 48 << Descriptor.RX_VLAN_SHIFT;
        }
    };

    /// Where the 1 Gbit/s family has its bits (82574 datasheet, 7.1.5.1 and 7.1.5.2).
    private static final class Bits {
        static final long IXSM = 1L << 2;
        static final long FRAME_ERRORS = 0x97L << 24; // RXE, CXE, SEQ, SE and CE
        static final long TCPE = 1L << 29;
        static final long IPE = 1L << 30;
    }

    final long frameErrors;
    final long ipError;
    final long l4Error;
    final long unchecked; // says that the checksums have not been looked at, whatever other bits say

    RxFormat(long frameErrors, long ipError, long l4Error, long unchecked) {
        this.frameErrors = frameErrors;
        this.ipError = ipError;
        this.l4Error = l4Error;
        this.unchecked = unchecked;
    }

    /// The second word of a descriptor, in the advanced form.
    long word(long descriptor) {
        return Memory.getLong(descriptor + 8);
    }
}
