package org.barewire.drivers.pcap;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.memory.Memory;
import org.jspecify.annotations.Nullable;

/// Reads pcapng (draft-ietf-opsawg-pcapng): blocks of type, length, content, and the length again. Those of
/// packets name an interface, which an earlier block of the same section has described.
final class PcapNgReader extends FrameReader {
    static final int SECTION = 0x0A0D_0D0A; // reads the same in both byte orders

    private static final int BYTE_ORDER = 0x1A2B_3C4D;
    private static final int INTERFACE = 1;
    private static final int OBSOLETE_PACKET = 2; // as an enhanced one, but for the interface, which has 16 bits
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;

    private static final int MIN_BLOCK = 12;
    private static final int MIN_SECTION = 28;
    private static final int MIN_INTERFACE = 20;
    private static final int MIN_SIMPLE = 16;
    private static final int MIN_PACKET = 32;

    private static final int OPTION_RESOLUTION = 9;
    private static final int OPTION_CHECK_SEQUENCE = 13;
    private static final int OPTION_TIME_OFFSET = 14;

    private final List<CapturedInterface> known = new ArrayList<>();
    private int interfaces; // of these, those of the section
    private int otherLinkType = ETHERNET;
    private boolean hasFrame; // the block that was taken last

    PcapNgReader(FileWindow file) {
        super(file);
    }

    @Override
    int otherLinkType() {
        return otherLinkType;
    }

    @Override
    boolean next() {
        while (true) {
            long left = size - offset;
            if (left < MIN_BLOCK) {
                return end(left == 0 ? End.WHOLE : End.TRUNCATED);
            }
            long start = file.at(offset, (int) Math.min(left, MIN_SECTION));
            if (start == 0) {
                return end(End.SHORTENED);
            }
            int type = int32(start);
            if (type == SECTION && !beginSection(start, left)) {
                return false;
            }
            int length = int32(start + 4);
            if (length < MIN_BLOCK || (length & 3) != 0 || offset == 0 && type != SECTION) {
                return end(End.DAMAGED);
            }
            if (length > left) {
                return end(End.TRUNCATED);
            }
            End found = length < leastLength(type) ? End.DAMAGED : takeBlock(type, length);
            if (found != End.NONE) {
                return end(found);
            }
            offset += length;
            if (hasFrame) {
                return true;
            }
        }
    }

    /// Reads a block that is within the file; of a very long one the front, in which a packet's bytes are.
    private End takeBlock(int type, int length) {
        int shown = Math.min(length, FileWindow.SPACE);
        long trailer = shown == length ? 0 : file.at(offset + length - 4, 4);
        int again = trailer == 0 ? 0 : int32(trailer);
        long block = file.at(offset, shown);
        if (block == 0 || shown != length && trailer == 0) {
            return End.SHORTENED;
        }
        again = shown == length ? int32(block + length - 4) : again;
        return again == length && take(block, type, shown) ? End.NONE : End.DAMAGED;
    }

    private static int leastLength(int type) {
        return switch (type) {
            case SECTION -> MIN_SECTION;
            case INTERFACE -> MIN_INTERFACE;
            case SIMPLE_PACKET -> MIN_SIMPLE;
            case ENHANCED_PACKET, OBSOLETE_PACKET -> MIN_PACKET;
            default -> MIN_BLOCK;
        };
    }

    /// Reads a block that is there as a whole; false if it contradicts itself or its section.
    private boolean take(long block, int type, int length) {
        hasFrame = false;
        return switch (type) {
            case INTERFACE -> addInterface(block, length);
            case SIMPLE_PACKET -> simplePacket(block, length);
            case ENHANCED_PACKET -> packet(block, length, int32(block + 8));
            case OBSOLETE_PACKET -> packet(block, length, int16(block + 8));
            default -> true; // names, statistics and what else there may be
        };
    }

    /// Without a time: it follows the packet before at once. The first interface's.
    private boolean simplePacket(long block, int length) {
        CapturedInterface from = find(0);
        if (from == null) {
            return false;
        }
        int original = int32(block + 8);
        int space = length - MIN_SIMPLE;
        boolean limited = from.snapLength != 0 && Integer.compareUnsigned(from.snapLength, original) < 0;
        int bytes = limited ? from.snapLength : original;
        return packet(from, block + 12, space, bytes, original);
    }

    private boolean packet(long block, int length, int number) {
        CapturedInterface from = find(number);
        if (from == null) {
            return false;
        }
        timeNanos = from.nanos((long) int32(block + 12) << 32 | int32(block + 16) & 0xFFFF_FFFFL);
        return packet(from, block + 28, length - MIN_PACKET, int32(block + 20), int32(block + 24));
    }

    private boolean packet(CapturedInterface from, long bytes, int space, int length, int original) {
        if (length < 0 || length > space || length > MAX_CAPTURED) {
            return false;
        }
        hasFrame = from.linkType == ETHERNET;
        otherFrames += hasFrame ? 0 : 1;
        found(bytes, length, original, from.checkSequence);
        return true;
    }

    private @Nullable CapturedInterface find(int number) {
        return number >= 0 && number < interfaces ? known.get(number) : null;
    }

    /// The byte order comes first, as everything else of the section depends on it.
    private boolean beginSection(long block, long left) {
        if (left < MIN_SECTION) {
            return end(End.TRUNCATED);
        }
        int order = Memory.getInt(block + 8);
        if (order != BYTE_ORDER && order != Integer.reverseBytes(BYTE_ORDER)) {
            return end(End.DAMAGED);
        }
        swapped = order != BYTE_ORDER;
        if (int32(block + 4) < MIN_SECTION || int16(block + 12) != 1) {
            return end(End.DAMAGED);
        }
        interfaces = 0;
        return true;
    }

    private boolean addInterface(long block, int length) {
        if (interfaces == known.size()) {
            known.add(new CapturedInterface());
        }
        CapturedInterface added = known.get(interfaces++);
        added.begin(int16(block + 8), int32(block + 12));
        if (added.linkType != ETHERNET) {
            otherLinkType = added.linkType;
        }
        long end = block + length - 4;
        for (long option = block + 16; end - option >= 4 && int16(option) != 0; ) {
            long value = option + 4;
            int bytes = int16(option + 2);
            if (bytes > end - value) {
                return false;
            }
            setOption(added, int16(option), value, bytes);
            option = value + (bytes + 3 & -4);
        }
        return true;
    }

    private void setOption(CapturedInterface of, int option, long value, int bytes) {
        if (option == OPTION_RESOLUTION && bytes == 1) {
            of.setResolution(Memory.getByte(value));
        } else if (option == OPTION_CHECK_SEQUENCE && bytes == 1) {
            of.checkSequence = Memory.getByte(value) & 0xF;
        } else if (option == OPTION_TIME_OFFSET && bytes == 8) {
            of.setOffset(int64(value));
        }
    }

    private long int64(long address) {
        long value = Memory.getLong(address);
        return swapped ? Long.reverseBytes(value) : value;
    }
}
