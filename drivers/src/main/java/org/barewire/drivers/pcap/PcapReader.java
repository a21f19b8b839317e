package org.barewire.drivers.pcap;

import org.barewire.core.memory.Memory;

/// Reads pcap (draft-ietf-opsawg-pcap): a header of 24 bytes, then records of a header of 16 and the bytes.
final class PcapReader extends FrameReader {
    private static final int MICROSECONDS = 0xA1B2_C3D4;
    private static final int NANOSECONDS = 0xA1B2_3C4D;
    private static final int HEADER = 24;
    private static final int LINK_TYPE = 20;
    private static final int RECORD_HEADER = 16;
    private static final int LINK_TYPE_MASK = 0xFFFF;
    private static final int HAS_CHECK_SEQUENCE = 1 << 26; // the 4 bits from 28 on say of how many 16-bit words

    private int nanosOfUnit;
    private int checkSequence;
    private int linkType;

    PcapReader(FileWindow file) {
        super(file);
    }

    static boolean isMagic(int magic) {
        int reversed = Integer.reverseBytes(magic);
        return magic == MICROSECONDS || magic == NANOSECONDS || reversed == MICROSECONDS || reversed == NANOSECONDS;
    }

    @Override
    void rewind() {
        super.rewind();
        long header = size < HEADER ? 0 : file.at(0, HEADER);
        if (header != 0) {
            int magic = Memory.getInt(header);
            swapped = magic != MICROSECONDS && magic != NANOSECONDS;
            nanosOfUnit = int32(header) == NANOSECONDS ? 1 : 1000;
            int link = int32(header + LINK_TYPE);
            linkType = link & LINK_TYPE_MASK;
            checkSequence = (link & HAS_CHECK_SEQUENCE) != 0 ? (link >>> 28) * 2 : 0;
            offset = HEADER;
        }
    }

    @Override
    int otherLinkType() {
        return linkType;
    }

    @Override
    boolean next() {
        long left = size - offset;
        if (left < RECORD_HEADER || offset == 0) {
            return end(left == 0 ? End.WHOLE : End.TRUNCATED);
        }
        long record = file.at(offset, RECORD_HEADER);
        if (record == 0) {
            return end(End.SHORTENED);
        }
        int length = int32(record + 8);
        if (length < 0 || length > MAX_CAPTURED) {
            return end(End.DAMAGED);
        }
        if (length > left - RECORD_HEADER) {
            return end(End.TRUNCATED);
        }
        record = file.at(offset, RECORD_HEADER + length);
        if (record == 0) {
            return end(End.SHORTENED);
        }
        timeNanos = nanos(int32(record) & 0xFFFF_FFFFL, (int32(record + 4) & 0xFFFF_FFFFL) * nanosOfUnit);
        found(record + RECORD_HEADER, length, int32(record + 12), checkSequence);
        offset += RECORD_HEADER + length;
        return true;
    }
}
