package org.barewire.core.packet;

import java.util.Objects;
import org.barewire.core.memory.Memory;

/// A packet is one `long`: the address of its first byte in the upper 48 bits, its length in the lower 16.
///
/// ```
///  63 62                                                     16 15             0
/// ┌──┬─────────────────────────────────────────────────────────┬────────────────┐
/// │ M│ address of the first byte (bits 46 to 0)                │ length         │
/// └──┴─────────────────────────────────────────────────────────┴────────────────┘
/// ```
///
/// The sign bit M says that the slot's {@link Metadata} is in use. No packet is 0, so 0 means "none". A
/// packet has one owner: who receives or allocates it passes it on or {@linkplain #release releases} it.
/// Pulling a header or trimming a trailer gives a new `long` for the same slot, and the old one must not be
/// used any more.
///
/// Accessors are in network order (big-endian) and check their offset against the length: one that does not
/// fit throws {@link IndexOutOfBoundsException} and touches nothing. So a packet's content can't lead a
/// reader astray; code that reads untrusted packets asks a header class's `fits` first and then nothing
/// throws.
public final class Packet {
    /// The longest packet, in bytes.
    public static final int MAX_LENGTH = 0xFFFF;

    /// Bytes that a newly allocated or received packet leaves free in front of its data, for headers to be
    /// pushed.
    public static final int HEADROOM = 64;

    /// Where a fresh packet's data begins in its slot: after the metadata line and the headroom.
    static final int DATA_OFFSET = Metadata.BYTES + HEADROOM;

    private static final long ADDRESS_MASK = 0x7FFF_FFFF_FFFFL;

    private Packet() {}

    /// A packet without metadata.
    ///
    /// @param address 47 bits, in packet memory
    /// @param length  0 to {@link #MAX_LENGTH}
    public static long of(long address, int length) {
        return (address << 16) + (length & 0xFFFF); // a sum: the compiler takes it apart again
    }

    public static int length(long packet) {
        return (int) (packet & 0xFFFF);
    }

    /// Bytes in all segments, of which there is only one unless the packet has metadata.
    public static int totalLength(long packet) {
        return hasMetadata(packet) ? Metadata.totalLength(packet) : length(packet);
    }

    /// Address of the first byte.
    public static long address(long packet) {
        return packet >>> 16 & ADDRESS_MASK;
    }

    /// Address of the first byte as a device must be given it.
    public static long ioAddress(long packet) {
        return packet << 4 >>> 20; // address & IO_MASK, without a constant in a register
    }

    public static boolean hasMetadata(long packet) {
        return packet < 0;
    }

    /// The next segment of a packet that has several, or 0.
    public static long next(long packet) {
        return hasMetadata(packet) ? Metadata.next(packet) : 0;
    }

    /// Removes `bytes` from the front, where they become headroom.
    public static long pull(long packet, int bytes) {
        Objects.checkFromToIndex(0, bytes, length(packet));
        return packet + ((long) bytes << 16) - bytes;
    }

    /// Adds `bytes` of undefined content at the front, out of the headroom.
    public static long push(long packet, int bytes) {
        Objects.checkFromToIndex(0, bytes, Math.min(headroom(packet), MAX_LENGTH - length(packet)));
        return packet - ((long) bytes << 16) + bytes;
    }

    /// How many bytes could be {@linkplain #push pushed}.
    public static int headroom(long packet) {
        long address = address(packet);
        return (int) (address - PacketPool.of(packet).slot(address)) - Metadata.BYTES;
    }

    /// Shortens to `length` bytes, or lengthens by bytes of undefined content, within the slot.
    public static long resize(long packet, int length) {
        if (length > length(packet)) {
            Objects.checkFromToIndex(0, length, capacity(packet));
        }
        Objects.checkFromToIndex(0, length, MAX_LENGTH);
        return packet & ~0xFFFFL | length;
    }

    /// The length that a packet could be resized to without being moved.
    public static int capacity(long packet) {
        long address = address(packet);
        PacketPool pool = PacketPool.of(packet);
        return Math.min(MAX_LENGTH, (int) (pool.slot(address) + pool.slotSize() - address));
    }

    public static int getByte(long packet, int offset) {
        check(packet, offset, 1);
        return Memory.getByte(address(packet) + offset) & 0xFF;
    }

    public static int getShort(long packet, int offset) {
        check(packet, offset, 2);
        return Memory.getShortBe(address(packet) + offset) & 0xFFFF;
    }

    public static int getInt(long packet, int offset) {
        check(packet, offset, 4);
        return Memory.getIntBe(address(packet) + offset);
    }

    public static long getLong(long packet, int offset) {
        check(packet, offset, 8);
        return Memory.getLongBe(address(packet) + offset);
    }

    public static void setByte(long packet, int offset, int value) {
        check(packet, offset, 1);
        Memory.putByte(address(packet) + offset, (byte) value);
    }

    public static void setShort(long packet, int offset, int value) {
        check(packet, offset, 2);
        Memory.putShortBe(address(packet) + offset, (short) value);
    }

    public static void setInt(long packet, int offset, int value) {
        check(packet, offset, 4);
        Memory.putIntBe(address(packet) + offset, value);
    }

    public static void setLong(long packet, int offset, long value) {
        check(packet, offset, 8);
        Memory.putLongBe(address(packet) + offset, value);
    }

    /// Copies bytes out.
    public static void read(long packet, int offset, byte[] to, int from, int count) {
        check(packet, offset, count);
        Memory.copy(address(packet) + offset, to, from, count);
    }

    /// Copies bytes in.
    public static void write(long packet, int offset, byte[] data, int from, int count) {
        check(packet, offset, count);
        Memory.copy(data, from, address(packet) + offset, count);
    }

    /// Moves bytes within a packet, or from one to another.
    public static void copy(long source, int sourceOffset, long target, int targetOffset, int count) {
        check(source, sourceOffset, count);
        check(target, targetOffset, count);
        Memory.copy(address(source) + sourceOffset, address(target) + targetOffset, count);
    }

    /// The first segment's bytes, as a new array: for tests and the control plane.
    public static byte[] bytes(long packet) {
        byte[] bytes = new byte[length(packet)];
        read(packet, 0, bytes, 0, bytes.length);
        return bytes;
    }

    /// Gives a packet, with all its segments, back to the pools that its slots came from. Any thread may
    /// call.
    public static void release(long packet) {
        PacketPool.release(packet);
    }

    private static void check(long packet, int offset, int count) {
        if (offset < 0 || count < 0 || (long) offset + count > length(packet)) {
            throw outside(packet, offset, count);
        }
    }

    private static IndexOutOfBoundsException outside(long packet, int offset, int count) {
        return new IndexOutOfBoundsException(
                "%d bytes at offset %d of a packet of %d bytes".formatted(count, offset, length(packet)));
    }
}
