package org.barewire.drivers.vhost;

/// Requests, flags and protocol features of vhost-user (QEMU, `docs/interop/vhost-user.rst`, "Front-end message
/// types" and "Protocol features").
public final class VhostRequest {
    public static final int GET_FEATURES = 1;
    public static final int SET_FEATURES = 2;
    public static final int SET_OWNER = 3;
    public static final int RESET_OWNER = 4;
    public static final int SET_MEM_TABLE = 5;
    public static final int SET_LOG_BASE = 6;
    public static final int SET_LOG_FD = 7;
    public static final int SET_VRING_NUM = 8;
    public static final int SET_VRING_ADDR = 9;
    public static final int SET_VRING_BASE = 10;
    public static final int GET_VRING_BASE = 11;
    public static final int SET_VRING_KICK = 12;
    public static final int SET_VRING_CALL = 13;
    public static final int SET_VRING_ERR = 14;
    public static final int GET_PROTOCOL_FEATURES = 15;
    public static final int SET_PROTOCOL_FEATURES = 16;
    public static final int GET_QUEUE_NUM = 17;
    public static final int SET_VRING_ENABLE = 18;
    public static final int SEND_RARP = 19;
    public static final int NET_SET_MTU = 20;
    public static final int SET_BACKEND_REQ_FD = 21;
    public static final int GET_INFLIGHT_FD = 31;
    public static final int SET_INFLIGHT_FD = 32;
    public static final int RESET_DEVICE = 34;
    public static final int GET_MAX_MEM_SLOTS = 36;
    public static final int ADD_MEM_REG = 37;
    public static final int REM_MEM_REG = 38;
    public static final int SET_STATUS = 39;
    public static final int GET_STATUS = 40;

    /// Flags: the version in bits 0 and 1; always 1.
    public static final int VERSION = 1;
    /// Flags: the lowest two bits.
    public static final int VERSION_MASK = 3;
    /// Flags: this is a reply.
    public static final int REPLY = 1 << 2;
    /// Flags: the front end wants a `u64` reply, 0 for success; with {@link #PROTOCOL_REPLY_ACK} only.
    public static final int NEED_REPLY = 1 << 3;

    /// In the `u64` of SET_VRING_KICK, CALL and ERR: the low byte is the ring's number.
    public static final int RING_MASK = 0xFF;
    /// In the same: no descriptor comes along, the ring is to be polled.
    public static final int NO_FD = 1 << 8;

    /// Feature bit 30 of the virtio features: protocol features can be negotiated.
    public static final long F_PROTOCOL_FEATURES = 1L << 30;

    public static final long PROTOCOL_MQ = 1L << 0;
    public static final long PROTOCOL_LOG_SHMFD = 1L << 1;
    public static final long PROTOCOL_RARP = 1L << 2;
    public static final long PROTOCOL_REPLY_ACK = 1L << 3;
    public static final long PROTOCOL_MTU = 1L << 4;
    public static final long PROTOCOL_BACKEND_REQ = 1L << 5;
    public static final long PROTOCOL_INFLIGHT_SHMFD = 1L << 12;
    public static final long PROTOCOL_RESET_DEVICE = 1L << 13;
    public static final long PROTOCOL_CONFIGURE_MEM_SLOTS = 1L << 15;
    public static final long PROTOCOL_STATUS = 1L << 16;

    private VhostRequest() {}
}
