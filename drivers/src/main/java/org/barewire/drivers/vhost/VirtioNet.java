package org.barewire.drivers.vhost;

/// What driver and device of a virtio network device share: feature bits, descriptor flags, the header of
/// each packet (OASIS virtio 1.2: 2.7 split virtqueues, 2.8 packed virtqueues, 5.1 network device, 6
/// reserved feature bits).
public final class VirtioNet {
    /// The device completes checksums of packets it is given (5.1.3).
    public static final long F_CSUM = 1L << 0;
    /// The driver takes packets with partial checksums.
    public static final long F_GUEST_CSUM = 1L << 1;
    public static final long F_MTU = 1L << 3;
    public static final long F_MAC = 1L << 5;
    public static final long F_GUEST_TSO4 = 1L << 7;
    public static final long F_GUEST_TSO6 = 1L << 8;
    public static final long F_HOST_TSO4 = 1L << 11;
    public static final long F_HOST_TSO6 = 1L << 12;
    /// A packet may fill several receive buffers.
    public static final long F_MRG_RXBUF = 1L << 15;
    public static final long F_STATUS = 1L << 16;
    public static final long F_CTRL_VQ = 1L << 17;
    public static final long F_CTRL_RX = 1L << 18;
    public static final long F_CTRL_VLAN = 1L << 19;
    public static final long F_MQ = 1L << 22;
    public static final long F_CTRL_MAC_ADDR = 1L << 23;
    /// Legacy: a packet's header needs no descriptor of its own.
    public static final long F_ANY_LAYOUT = 1L << 27;
    public static final long F_INDIRECT_DESC = 1L << 28;
    public static final long F_EVENT_IDX = 1L << 29;
    public static final long F_VERSION_1 = 1L << 32;
    /// Addresses are those that the device's IOMMU translates; without it they are physical ones.
    public static final long F_ACCESS_PLATFORM = 1L << 33;
    public static final long F_RING_PACKED = 1L << 34;
    public static final long F_IN_ORDER = 1L << 35;
    /// The device is hardware, which wants memory ordered as for any other.
    public static final long F_ORDER_PLATFORM = 1L << 36;
    public static final long F_RSS = 1L << 60;
    public static final long F_SPEED_DUPLEX = 1L << 63;

    /// Bytes of a descriptor, of either kind of ring: `u64 address, u32 length`, then `u16 flags, u16 next`
    /// (split) or `u16 id, u16 flags` (packed).
    public static final int DESCRIPTOR = 16;
    /// Descriptor flags (2.7.5): another one follows.
    public static final int DESC_NEXT = 1;
    /// The device writes the buffer.
    public static final int DESC_WRITE = 2;
    /// The buffer is a table of descriptors (2.7.5.3).
    public static final int DESC_INDIRECT = 4;
    /// Packed ring (2.8.1): equal to the driver's wrap counter when it is available.
    public static final int DESC_AVAIL = 1 << 7;
    /// Packed ring: equal to {@link #DESC_AVAIL} when it is used.
    public static final int DESC_USED = 1 << 15;

    /// Split ring (2.7.6, 2.7.8): the flags, the index and the entries of the available and of the used ring.
    public static final int RING_FLAGS = 0;
    public static final int RING_INDEX = 2;
    public static final int RING_ENTRIES = 4;
    /// Split ring: in the available ring's flags, no interrupts; in the used ring's, no notifications.
    public static final int RING_NO_NOTIFY = 1;

    /// Packed ring (2.8.14): of an event suppression structure, `u16` offset and wrap counter, `u16` flags.
    public static final int EVENT_OFFSET = 0;
    public static final int EVENT_FLAGS = 2;
    public static final int EVENT_ENABLE = 0;
    public static final int EVENT_DISABLE = 1;
    public static final int EVENT_DESC = 2;

    /// Bytes of the header of a packet (5.1.6); in a legacy device without mergeable buffers.
    public static final int HEADER_LEGACY = 10;
    /// Bytes of the header of a packet, with the number of buffers.
    public static final int HEADER = 12;
    public static final int HEADER_FLAGS = 0;
    public static final int HEADER_GSO_TYPE = 1;
    public static final int HEADER_LENGTH = 2;
    public static final int HEADER_GSO_SIZE = 4;
    public static final int HEADER_CSUM_START = 6;
    public static final int HEADER_CSUM_OFFSET = 8;
    public static final int HEADER_BUFFERS = 10;

    /// Header flags: the checksum from `csum_start` on is to be put at `csum_offset` after it.
    public static final int NEEDS_CSUM = 1;
    /// Header flags: the checksum has been found right.
    public static final int DATA_VALID = 2;
    public static final int GSO_NONE = 0;
    public static final int GSO_TCPV4 = 1;
    public static final int GSO_TCPV6 = 4;
    /// Added to the type: the packet has ECN set.
    public static final int GSO_ECN = 0x80;

    private VirtioNet() {}

    /// Bytes of the header with these features (5.1.6).
    public static int headerLength(long features) {
        return (features & (F_VERSION_1 | F_MRG_RXBUF)) != 0 ? HEADER : HEADER_LEGACY;
    }
}
