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

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfShort SHORT_BE = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT_BE = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_BE = LONG.withOrder(ByteOrder.BIG_ENDIAN);

    private static final VarHandle ALIGNED_SHORT =
            ValueLayout.JAVA_SHORT.varHandle().withInvokeExactBehavior();
    private static final VarHandle ALIGNED_INT =
            ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();
    private static final VarHandle ALIGNED_LONG =
            ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();

    private Memory() {}

    public static byte getByte(long address) {
        check(address, 1);
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    public static short getShort(long address) {
        check(address, 2);
        return ALL.get(SHORT, address);
    }

    public static int getInt(long address) {
        check(address, 4);
        return ALL.get(INT, address);
    }

    public static long getLong(long address) {
        check(address, 8);
        return ALL.get(LONG, address);
    }

    public static short getShortBe(long address) {
        check(address, 2);
        return ALL.get(SHORT_BE, address);
    }

    public static int getIntBe(long address) {
        check(address, 4);
        return ALL.get(INT_BE, address);
    }

    public static long getLongBe(long address) {
        check(address, 8);
        return ALL.get(LONG_BE, address);
    }

    public static void putByte(long address, byte value) {
        check(address, 1);
        ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }

    public static void putShort(long address, short value) {
        check(address, 2);
        ALL.set(SHORT, address, value);
    }

    public static void putInt(long address, int value) {
        check(address, 4);
        ALL.set(INT, address, value);
    }

    public static void putLong(long address, long value) {
        check(address, 8);
        ALL.set(LONG, address, value);
    }

    public static void putShortBe(long address, short value) {
        check(address, 2);
        ALL.set(SHORT_BE, address, value);
    }

    public static void putIntBe(long address, int value) {
        check(address, 4);
        ALL.set(INT_BE, address, value);
    }

    public static void putLongBe(long address, long value) {
        check(address, 8);
        ALL.set(LONG_BE, address, value);
    }

    public static short getShortAcquire(long address) {
        check(address, 2);
        return (short) ALIGNED_SHORT.getAcquire(ALL, address);
    }

    public static int getIntAcquire(long address) {
        check(address, 4);
        return (int) ALIGNED_INT.getAcquire(ALL, address);
    }

    public static long getLongAcquire(long address) {
        check(address, 8);
        return (long) ALIGNED_LONG.getAcquire(ALL, address);
    }

    /// Ordered after every earlier access of this thread. Not for device registers: see {@link Registers}.
    public static void putShortRelease(long address, short value) {
        check(address, 2);
        ALIGNED_SHORT.setRelease(ALL, address, value);
    }

    /// Ordered after every earlier access of this thread. Not for device registers: see {@link Registers}.
    public static void putIntRelease(long address, int value) {
        check(address, 4);
        ALIGNED_INT.setRelease(ALL, address, value);
    }

    /// Ordered after every earlier access of this thread. Not for device registers: see {@link Registers}.
    public static void putLongRelease(long address, long value) {
        check(address, 8);
        ALIGNED_LONG.setRelease(ALL, address, value);
    }

    /// Atomically replaces `expected` by `value`; false if something else was there.
    public static boolean compareAndSetLong(long address, long expected, long value) {
        check(address, 8);
        return (boolean) ALIGNED_LONG.compareAndSet(ALL, address, expected, value);
    }

    /// Copies `length` bytes, which may overlap.
    public static void copy(long from, long to, long length) {
        check(from, length);
        check(to, length);
        MemorySegment.copy(ALL, from, ALL, to, length);
    }

    /// Copies into a heap array, which is checked against its bounds.
    public static void copy(long from, byte[] to, int offset, int length) {
        check(from, length);
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, length);
    }

    /// Copies out of a heap array, which is checked against its bounds.
    public static void copy(byte[] from, int offset, long to, int length) {
        check(to, length);
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, length);
    }

    public static void fill(long address, long length, byte value) {
        check(address, length);
        ALL.asSlice(address, length).fill(value);
    }

    private static void check(long address, long length) {
        if (CHECKED) {
            MappedRegions.check(address, length);
        }
    }
}
