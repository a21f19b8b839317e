package org.barewire.guest;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;

/// Holds frames that arrive against those that were sent. Belongs to one thread.
final class Arrivals {
    private final Frames frames;
    private final byte[] expected;
    private final BitSet seen = new BitSet();
    private int received;
    private int duplicated;
    private int changed;
    private int others;
    private String complaint = "";

    Arrivals(Frames frames) {
        this.frames = frames;
        this.expected = new byte[frames.longest() + 8];
    }

    /// Takes one that has arrived; any that is not numbered is only counted.
    void take(byte[] frame, int length) {
        if (length < Frames.HEADER || Frames.type(frame) != Frames.NUMBERED) {
            others++;
            return;
        }
        long number = Frames.number(frame);
        boolean known = number >= 0 && number < frames.count();
        int expectedLength = known ? frames.write((int) number, expected) : 0;
        if (expectedLength != length || Arrays.mismatch(expected, 0, length, frame, 0, length) >= 0) {
            changed++;
            complain("frame %d was changed:%n%s%n%s"
                    .formatted(number, hex(expected, expectedLength), hex(frame, length)));
        } else if (seen.get((int) number)) {
            duplicated++;
            complain("frame %d came twice".formatted(number));
        } else {
            seen.set((int) number);
            received++;
        }
    }

    /// How many have arrived unchanged, each counted once.
    int received() {
        return received;
    }

    boolean complete() {
        return received == frames.count();
    }

    /// What has arrived so far.
    ///
    /// @param sent how many were
    Report report(int sent) {
        if (complaint.isEmpty() && received < sent) {
            complaint = "%d of %d are missing, the first is frame %d"
                    .formatted(sent - received, sent, seen.nextClearBit(0));
        }
        return new Report(sent, received, sent - received, duplicated, changed, others, complaint);
    }

    private void complain(String what) {
        if (complaint.isEmpty()) {
            complaint = what;
        }
    }

    private static String hex(byte[] bytes, int length) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes, 0, length);
    }
}
