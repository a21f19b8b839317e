package org.barewire.sim;

/// What the latest context descriptor of an index said (7.2.3.2.3).
final class TxContext {
    static final int PROTOCOL_UDP = 0;
    static final int PROTOCOL_TCP = 1;

    boolean valid;
    int vlanTag;
    int macLength;
    int ipLength;
    boolean ipv4;
    int protocol;
    int l4Length;
    int segmentSize;

    void clear() {
        valid = false;
    }

    void load(long lower, long upper) {
        valid = true;
        vlanTag = (int) (lower >>> 16) & 0xFFFF;
        macLength = (int) (lower >>> 9) & 0x7F;
        ipLength = (int) lower & 0x1FF;
        ipv4 = (upper >>> 10 & 1) != 0;
        protocol = (int) (upper >>> 11) & 3;
        l4Length = (int) (upper >>> 40) & 0xFF;
        segmentSize = (int) (upper >>> 48) & 0xFFFF;
    }

    int headerLength() {
        return macLength + ipLength + l4Length;
    }

    int longestFrame() {
        return headerLength() + segmentSize;
    }

    /// Where the transport header's checksum is in the frame.
    int l4Checksum() {
        return macLength + ipLength + (protocol == PROTOCOL_TCP ? 16 : 6);
    }
}
