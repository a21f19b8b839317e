package org.barewire.sim;

/// The fields of transmit descriptors (7.2.3.2). The upper word of a descriptor is taken apart into its
/// command, the lower half, and its options, the upper one.
final class TxDescriptor {
    // command; END_OF_PACKET, INSERT_FCS, REPORT_STATUS and INSERT_VLAN are the same in legacy descriptors
    static final int DATA_LENGTH = 0xFFFF;
    static final int TYPE = 0xF << 20;
    static final int TYPE_CONTEXT = 2 << 20;
    static final int TYPE_DATA = 3 << 20;
    static final int END_OF_PACKET = 1 << 24;
    static final int INSERT_FCS = 1 << 25;
    static final int INSERT_CHECKSUM = 1 << 26; // legacy
    static final int REPORT_STATUS = 1 << 27;
    static final int ADVANCED = 1 << 29;
    static final int INSERT_VLAN = 1 << 30;
    static final int SEGMENT = 1 << 31;

    // options of a data descriptor
    static final int DONE = 1;
    static final int CHECK_CONTEXT = 1 << 7;
    static final int INSERT_IP = 1 << 8;
    static final int INSERT_L4 = 1 << 9;
    static final int PAYLOAD_SHIFT = 14;

    /// In one buffer of an advanced descriptor (7.2.3.2.4).
    static final int MAX_BUFFER = 16 << 10;
    /// 15.5 KiB (1.3); also the most in one buffer of a legacy descriptor (7.2.3.2.2).
    static final int MAX_FRAME = 15_872;

    private TxDescriptor() {}

    static boolean isContext(long upper) {
        return (upper & (ADVANCED | TYPE)) == (ADVANCED | TYPE_CONTEXT);
    }

    /// One whole packet that is sent as it is.
    static boolean isPlain(int command, int options) {
        boolean advanced = (command & ADVANCED) != 0;
        return (command & (END_OF_PACKET | INSERT_FCS | INSERT_VLAN | SEGMENT)) == (END_OF_PACKET | INSERT_FCS)
                && (advanced
                        ? (options & (CHECK_CONTEXT | INSERT_IP | INSERT_L4)) == 0
                        : (command & INSERT_CHECKSUM) == 0);
    }
}
