package org.barewire.core.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.barewire.core.linux.MappedRegions;

/// Raw memory by address: the only class of the project that dereferences one.
///
/// Plain accessors take any alignment and are in the machine's order (little-endian, as devices are); those
/// that end in `Be` are big-endian, as network headers are. Accessors with a memory order in their name need
/// a naturally aligned address.
///
/// Nothing here knows how long a packet or a ring is: an address outside of mapped memory crashes the
/// process, as it would in C. With `-Dbarewire.checked=true` every access is first held against the regions
/// that {@link MappedRegions} lists and a stray one throws {@link IndexOutOfBoundsException}; tests run that
/// way. Safe to call from any thread.
public final class Memory {
    /// True when `-Dbarewire.checked=true` was given; a constant for the compiler, so unchecked runs pay
    /// nothing.
    public static final boolean CHECKED = Boolean.getBoolean("barewire.checked");

    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final long USER_SPACE = 0x7FFF_FFFF_FFFFL;
    private static final long NO_SIGN = Long.MAX_VALUE >>> 1;

    /// From here on a general copy, with the machine's widest registers, is faster.
    private static final int LONGEST_IN_PLACE = 256;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfChar CHAR = ValueLayout.JAVA_CHAR_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort SHORT_BE = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT_BE = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_BE = LONG.withOrder(ByteOrder.BIG_ENDIAN);

    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle().withInvokeExactBehavior();
    private static final VarHandle ALIGNED_SHORT =
            ValueLayout.JAVA_SHORT.varHandle().withInvokeExactBehavior();
    private static final VarHandle ALIGNED_INT =
            ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();
    private static final VarHandle ALIGNED_LONG =
            ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();

    private Memory() {}

    /// The same address, known to the compiler to lie in user space. A loop over descriptors starts from one, so
    /// that each access costs one instruction and not four.
    public static long bounded(long address) {
        return address & USER_SPACE;
    }

    public static byte getByte(long address) {
        return ALL.get(ValueLayout.JAVA_BYTE, at(address, 1));
    }

    public static short getShort(long address) {
        return ALL.get(SHORT, at(address, 2));
    }

    /// An unsigned short.
    public static char getChar(long address) {
        return ALL.get(CHAR, at(address, 2));
    }

    public static int getInt(long address) {
        return ALL.get(INT, at(address, 4));
    }

    public static long getLong(long address) {
        return ALL.get(LONG, at(address, 8));
    }

    public static short getShortBe(long address) {
        return ALL.get(SHORT_BE, at(address, 2));
    }

    public static int getIntBe(long address) {
        return ALL.get(INT_BE, at(address, 4));
    }

    public static long getLongBe(long address) {
        return ALL.get(LONG_BE, at(address, 8));
    }

    public static void putByte(long address, byte value) {
        ALL.set(ValueLayout.JAVA_BYTE, at(address, 1), value);
    }

    public static void putShort(long address, short value) {
        ALL.set(SHORT, at(address, 2), value);
    }

    public static void putInt(long address, int value) {
        ALL.set(INT, at(address, 4), value);
    }

    public static void putLong(long address, long value) {
        ALL.set(LONG, at(address, 8), value);
    }

    public static void putShortBe(long address, short value) {
        ALL.set(SHORT_BE, at(address, 2), value);
    }

    public static void putIntBe(long address, int value) {
        ALL.set(INT_BE, at(address, 4), value);
    }

    public static void putLongBe(long address, long value) {
        ALL.set(LONG_BE, at(address, 8), value);
    }

    public static byte getByteAcquire(long address) {
        return (byte) BYTE.getAcquire(ALL, at(address, 1));
    }

    public static short getShortAcquire(long address) {
        return (short) ALIGNED_SHORT.getAcquire(ALL, at(address, 2));
    }

    public static int getIntAcquire(long address) {
        return (int) ALIGNED_INT.getAcquire(ALL, at(address, 4));
    }

    public static long getLongAcquire(long address) {
        return (long) ALIGNED_LONG.getAcquire(ALL, at(address, 8));
    }

    /// Ordered after every earlier access of this thread. Not for device registers: see {@link Registers}.
    public static void putShortRelease(long address, short value) {
        ALIGNED_SHORT.setRelease(ALL, at(address, 2), value);
    }

    /// Ordered after every earlier access of this thread. Not for device registers: see {@link Registers}.
    public static void putIntRelease(long address, int value) {
        ALIGNED_INT.setRelease(ALL, at(address, 4), value);
    }

    /// Ordered after every earlier access of this thread. Not for device registers: see {@link Registers}.
    public static void putLongRelease(long address, long value) {
        ALIGNED_LONG.setRelease(ALL, at(address, 8), value);
    }

    /// Atomically replaces `expected` by `value`; false if something else was there.
    public static boolean compareAndSetLong(long address, long expected, long value) {
        return (boolean) ALIGNED_LONG.compareAndSet(ALL, at(address, 8), expected, value);
    }

    /// Copies `length` bytes, which may overlap.
    public static void copy(long from, long to, long length) {
        MemorySegment.copy(ALL, at(from, length), ALL, at(to, length), length);
    }

    /// Copies `length` bytes, not negative, between ranges that do not overlap. Made for packets: short ones
    /// are moved in place, without the call that a general copy is, whose price is that of a whole small
    /// packet.
    public static void copyApart(long from, long to, int length) {
        if (length > LONGEST_IN_PLACE) {
            copy(from, to, length);
        } else if (length >= 32) {
            copyLines(from, to, length);
        } else {
            copyFew(from, to, length);
        }
    }

    /// Moves 32 bytes at a time; the last 32 overlap those before.
    private static void copyLines(long from, long to, int length) {
        long source = at(from, length);
        long target = at(to, length);
        int last = length - 32;
        for (int offset = 0; offset < last; offset += 32) {
            copyLine(source + offset, target + offset);
        }
        copyLine(source + last, target + last);
    }

    private static void copyLine(long source, long target) {
        long first = ALL.get(LONG, source);
        long second = ALL.get(LONG, source + 8);
        long third = ALL.get(LONG, source + 16);
        long fourth = ALL.get(LONG, source + 24);
        ALL.set(LONG, target, first);
        ALL.set(LONG, target + 8, second);
        ALL.set(LONG, target + 16, third);
        ALL.set(LONG, target + 24, fourth);
    }

    private static void copyFew(long from, long to, int length) {
        int offset = 0;
        for (; offset <= length - 8; offset += 8) {
            putLong(to + offset, getLong(from + offset));
        }
        for (; offset < length; offset++) {
            putByte(to + offset, getByte(from + offset));
        }
    }

    /// Copies into a heap array, which is checked against its bounds.
    public static void copy(long from, byte[] to, int offset, int length) {
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, at(from, length), to, offset, length);
    }

    /// Copies out of a heap array, which is checked against its bounds.
    public static void copy(byte[] from, int offset, long to, int length) {
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, at(to, length), length);
    }

    public static void fill(long address, long length, byte value) {
        ALL.asSlice(at(address, length), length).fill(value);
    }

    /// The address, which the compiler now knows not to be negative. That lets it drop the test of the
    /// segment's bounds, and with it what that test does to loops: short ones over descriptors take twice as
    /// long when their range checks are moved out of them. Where it knows so already, as of what {@link
    /// #bounded} returned plus an offset, nothing is left of this.
    private static long at(long address, long length) {
        if (CHECKED) {
            MappedRegions.check(address, length);
        }
        return address & NO_SIGN;
    }
}
