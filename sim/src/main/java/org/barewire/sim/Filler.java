package org.barewire.sim;

import java.util.SplittableRandom;
import org.barewire.core.memory.Memory;

/// The bytes that fill a probe up: a piece of one random pattern, from a place that follows from the sequence
/// number. So filler is a copy, its checksum is the difference of two numbers in a table, and bytes of
/// another frame or from another place of the same one do not pass for it.
final class Filler {
    /// The longest filler.
    static final int MAX = Probe.MAX_LENGTH;

    private static final int PLACES_BITS = 10;
    private static final int LENGTH = MAX + (2 << PLACES_BITS);
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L; // 2^64 / golden ratio

    private static final int[] SUMS = new int[LENGTH / 2 + 1]; // of the first n 16-bit words
    private static final long PATTERN = pattern();

    private Filler() {}

    static void write(long address, int length, long sequence) {
        if (length > 0) {
            Memory.copy(PATTERN + 2L * word(sequence), address, length);
        }
    }

    static boolean matches(long address, int length, long sequence) {
        long pattern = PATTERN + 2L * word(sequence);
        int i = 0;
        for (; i <= length - 8; i += 8) {
            if (Memory.getLong(address + i) != Memory.getLong(pattern + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (Memory.getByte(address + i) != Memory.getByte(pattern + i)) {
                return false;
            }
        }
        return true;
    }

    /// Sum of the filler's 16-bit words, the last one padded with a zero byte (RFC 768).
    static long sum(int length, long sequence) {
        if (length == 0) {
            return 0;
        }
        int first = word(sequence);
        int end = first + (length >> 1);
        long sum = (long) SUMS[end] - SUMS[first];
        return (length & 1) == 0 ? sum : sum + ((Memory.getByte(PATTERN + 2L * end) & 0xFF) << 8);
    }

    /// Where in the pattern the filler of a sequence number begins, in 16-bit words.
    private static int word(long sequence) {
        return (int) (sequence * SPREAD >>> 64 - PLACES_BITS);
    }

    /// Lives as long as the process.
    private static long pattern() {
        long pattern = OwnMemory.map(LENGTH);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < LENGTH / 2; i++) {
            int word = random.nextInt(0x10000);
            Memory.putShortBe(pattern + 2L * i, (short) word);
            SUMS[i + 1] = SUMS[i] + word;
        }
        return pattern;
    }
}
