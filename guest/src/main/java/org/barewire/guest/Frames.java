package org.barewire.guest;

import java.util.List;
import java.util.SplittableRandom;
import org.barewire.core.packet.MacAddress;

/// Numbered frames whose lengths and contents follow from a seed and each one's number, so that both ends of a
/// wire know them.
///
/// @param count    how many, numbered from 0
/// @param shortest bytes, at least 22, without the check sequence
/// @param longest  bytes
/// @param to       whom they are for
record Frames(int count, int shortest, int longest, long seed, MacAddress to) {
    /// For local experiments (IEEE 802): a numbered frame, and the receiver's word how many it has.
    static final int NUMBERED = 0x88B5;

    static final int RECEIPT = 0x88B6;

    /// Addresses, type, number.
    static final int HEADER = 22;

    /// Of frames that come from the wire's end on the host; and of those that go there.
    static final MacAddress HOST = MacAddress.parse("02:00:00:00:00:01");

    /// As {@link #parse} reads it, for an {@link Agent}.
    String toText() {
        return "%d %d %d %d %s".formatted(count, shortest, longest, seed, to);
    }

    static Frames parse(List<String> words) {
        return new Frames(
                Integer.parseInt(words.get(0)),
                Integer.parseInt(words.get(1)),
                Integer.parseInt(words.get(2)),
                Long.parseLong(words.get(3)),
                MacAddress.parse(words.get(4)));
    }

    /// Writes frame `number` into `frame`, which has room for 8 bytes more than the longest; returns its length.
    int write(int number, byte[] frame) {
        SplittableRandom random = new SplittableRandom(seed * 31 + number);
        int length = random.nextInt(shortest, longest + 1);
        for (int i = HEADER; i < length; i += 8) {
            putLong(frame, i, random.nextLong());
        }
        writeHeader(frame, to, NUMBERED, number);
        return length;
    }

    static void writeHeader(byte[] frame, MacAddress to, int type, long number) {
        putLong(frame, 0, to.bits() << 16 | HOST.bits() >>> 32);
        putLong(frame, 8, HOST.bits() << 32 | (long) type << 16);
        putLong(frame, 14, number);
    }

    static int type(byte[] frame) {
        return (frame[12] & 0xFF) << 8 | frame[13] & 0xFF;
    }

    static long number(byte[] frame) {
        long number = 0;
        for (int i = 0; i < 8; i++) {
            number = number << 8 | frame[14 + i] & 0xFF;
        }
        return number;
    }

    private static void putLong(byte[] frame, int offset, long value) {
        for (int i = 0; i < 8; i++) {
            frame[offset + i] = (byte) (value >>> 56 - 8 * i);
        }
    }
}
