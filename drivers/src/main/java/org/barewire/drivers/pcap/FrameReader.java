package org.barewire.drivers.pcap;

import org.barewire.core.device.DeviceException;
import org.barewire.core.memory.Memory;

/// Goes through the frames of a capture file. Whatever the file says is held against its size before
/// it is followed.
abstract class FrameReader {
    /// More than any capture program keeps of an Ethernet frame (libpcap's MAXIMUM_SNAPLEN).
    static final int MAX_CAPTURED = 262_144;

    /// Why there is no further frame.
    enum End {
        /// There has been none yet.
        NONE("there are frames left"),
        WHOLE("every frame has been read"),
        TRUNCATED("the file is cut off"),
        SHORTENED("the file has been shortened since it was opened, or can't be read any more"),
        DAMAGED("the file is damaged");

        final String sentence;

        End(String sentence) {
            this.sentence = sentence;
        }
    }

    static final int ETHERNET = 1;
    private static final long SECOND = 1_000_000_000;

    final FileWindow file;
    final long size;
    boolean swapped; // the file is big-endian
    long offset; // of the next record

    // What next() found.
    long data; // address, as long as there is no other frame
    int captured; // bytes
    boolean cut; // there were more bytes
    long timeNanos; // since 1970
    long otherFrames; // frames passed over because they are not Ethernet frames

    private End end = End.NONE;

    FrameReader(FileWindow file) {
        this.file = file;
        this.size = file.length();
    }

    /// A reader for what the file's first bytes say it is, which has found that it begins well.
    ///
    /// @throws DeviceException if they say nothing known, or there is damage up to the first frame
    static FrameReader of(FileWindow file, String path) {
        long start = file.length() < 4 ? 0 : file.at(0, 4);
        int magic = start == 0 ? 0 : Memory.getInt(start);
        FrameReader reader = PcapReader.isMagic(magic) ? new PcapReader(file) : new PcapNgReader(file);
        if (magic != PcapNgReader.SECTION && reader instanceof PcapNgReader) {
            throw new DeviceException("%s is neither a pcap nor a pcapng file%s".formatted(path, kind(magic)));
        }
        reader.rewind();
        if (!reader.next() && reader.end() != End.WHOLE) {
            throw new DeviceException("%s: %s".formatted(path, reader.ending()));
        }
        int other = reader.otherLinkType();
        if (other != ETHERNET) {
            throw new DeviceException("%s holds frames of link type %d, and only Ethernet, %d, can be replayed"
                    .formatted(path, other, ETHERNET));
        }
        reader.rewind();
        return reader;
    }

    private static String kind(int magic) {
        return switch (magic) {
            case 0x34CD_B2A1, 0xA1B2_CD34 -> " but one of a kind that only a modified libpcap of 1999 wrote";
            case 0xFD2F_B528 -> " but compressed: unpack it with zstd -d first";
            default -> (magic & 0xFFFF) == 0x8B1F ? " but compressed: unpack it with gunzip first" : "";
        };
    }

    /// Finds the next frame of Ethernet; false at the {@linkplain #end end}.
    abstract boolean next();

    /// Begins anew at the first frame.
    void rewind() {
        end = End.NONE;
        offset = 0;
    }

    /// The link type of an interface of those so far that is not Ethernet, or Ethernet.
    abstract int otherLinkType();

    End end() {
        return end;
    }

    /// Whether there would have been more.
    boolean isCutOff() {
        return end == End.TRUNCATED || end == End.SHORTENED;
    }

    /// For people: why there is no further frame, and where that is.
    String ending() {
        return end == End.WHOLE ? end.sentence : "%s at byte %d of %d".formatted(end.sentence, offset, size);
    }

    boolean end(End end) {
        this.end = end;
        return false;
    }

    /// Takes note of a frame, without the check sequence that was captured with it.
    void found(long data, int captured, int original, int checkSequence) {
        int excess = Math.max(0, captured - Math.max(0, original - checkSequence));
        this.data = data;
        this.captured = captured - Math.min(excess, checkSequence);
        this.cut = Integer.compareUnsigned(captured, original) < 0;
    }

    int int32(long address) {
        int value = Memory.getInt(address);
        return swapped ? Integer.reverseBytes(value) : value;
    }

    int int16(long address) {
        short value = Memory.getShort(address);
        return (swapped ? Short.reverseBytes(value) : value) & 0xFFFF;
    }

    static long nanos(long seconds, long nanos) {
        return seconds * SECOND + nanos;
    }
}
