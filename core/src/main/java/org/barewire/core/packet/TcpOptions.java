package org.barewire.core.packet;

/// The options of a TCP header that {@linkplain Tcp#fits fits} (RFC 9293, 3.1).
///
/// {@link #first} and {@link #next} walk over all of them, {@link #find} looks for one; each answers where an
/// option begins within the packet, or {@link #NONE}. They stop at the end-of-options mark and at the first
/// option whose length is wrong, so that those in front of it still count.
///
/// ```java
/// int option = TcpOptions.find(packet, tcp, TcpOptions.MSS);
/// if (option != TcpOptions.NONE) {
///     mss = TcpOptions.mss(packet, option);
/// }
/// ```
public final class TcpOptions {
    private static final int KIND = 0;
    private static final int LENGTH = 1;
    private static final int VALUE = 2;

    /// No such option.
    public static final int NONE = -1;

    public static final int END = 0;
    public static final int NO_OPERATION = 1;
    /// Maximum segment size (RFC 9293, 3.7.1).
    public static final int MSS = 2;
    /// RFC 7323, 2.
    public static final int WINDOW_SCALE = 3;
    /// RFC 2018, 2.
    public static final int SACK_PERMITTED = 4;
    /// RFC 2018, 3.
    public static final int SACK = 5;
    /// RFC 7323, 3.
    public static final int TIMESTAMPS = 8;

    /// A larger shift counts as this one (RFC 7323, 2.3).
    public static final int MAX_WINDOW_SCALE = 14;

    private static final int SACK_BLOCK = 8;

    private TcpOptions() {}

    /// The first option that is not a no-operation.
    ///
    /// @param tcp where the TCP header begins
    public static int first(long packet, int tcp) {
        return at(packet, tcp + Tcp.HEADER_LENGTH, tcp + Tcp.headerLength(packet, tcp));
    }

    /// The next option after `option` that is not a no-operation.
    public static int next(long packet, int tcp, int option) {
        return at(packet, option + length(packet, option), tcp + Tcp.headerLength(packet, tcp));
    }

    /// The first option of a kind. Of the kinds named here it is one whose length is right, so that the
    /// kind's accessors do not fail.
    public static int find(long packet, int tcp, int kind) {
        int option = first(packet, tcp);
        while (option != NONE && !(kind(packet, option) == kind && isLength(kind, length(packet, option)))) {
            option = next(packet, tcp, option);
        }
        return option;
    }

    public static int kind(long packet, int option) {
        return Packet.getByte(packet, option + KIND);
    }

    /// Bytes, at least 2: kind and length count.
    public static int length(long packet, int option) {
        return Packet.getByte(packet, option + LENGTH);
    }

    /// Bytes. May be 0 or tiny: the sender of the segment says so, and it may be hostile (CVE-2019-11479).
    public static int mss(long packet, int option) {
        return Packet.getShort(packet, option + VALUE);
    }

    /// Changes the maximum segment size, as a tunnel must.
    public static void setMss(long packet, int option, int bytes) {
        Packet.setShort(packet, option + VALUE, bytes);
    }

    /// The shift for windows, 0 to {@link #MAX_WINDOW_SCALE}.
    public static int windowScale(long packet, int option) {
        return Math.min(Packet.getByte(packet, option + VALUE), MAX_WINDOW_SCALE);
    }

    /// How many blocks a SACK option has: 1 to 4.
    public static int sackBlocks(long packet, int option) {
        return (length(packet, option) - VALUE) / SACK_BLOCK;
    }

    /// The first sequence number of a block. It is not said to lie below the right edge.
    ///
    /// @param block 0 to {@link #sackBlocks} - 1
    public static int sackLeft(long packet, int option, int block) {
        return Packet.getInt(packet, option + VALUE + block * SACK_BLOCK);
    }

    /// The sequence number after a block's last one.
    ///
    /// @param block 0 to {@link #sackBlocks} - 1
    public static int sackRight(long packet, int option, int block) {
        return Packet.getInt(packet, option + VALUE + block * SACK_BLOCK + 4);
    }

    /// TSval, the sender's clock.
    public static int timestamp(long packet, int option) {
        return Packet.getInt(packet, option + VALUE);
    }

    /// TSecr, the receiver's clock that the sender echoes.
    public static int timestampEcho(long packet, int option) {
        return Packet.getInt(packet, option + VALUE + 4);
    }

    private static int at(long packet, int from, int end) {
        int option = from;
        while (option < end && Packet.getByte(packet, option) == NO_OPERATION) {
            option++;
        }
        boolean there = option < end - LENGTH && Packet.getByte(packet, option) != END;
        if (!there) {
            return NONE;
        }
        int length = length(packet, option);
        return length >= VALUE && length <= end - option ? option : NONE;
    }

    private static boolean isLength(int kind, int length) {
        return switch (kind) {
            case MSS -> length == 4;
            case WINDOW_SCALE -> length == 3;
            case SACK_PERMITTED -> length == 2;
            case SACK -> length > VALUE && (length - VALUE) % SACK_BLOCK == 0;
            case TIMESTAMPS -> length == 10;
            default -> true;
        };
    }
}
