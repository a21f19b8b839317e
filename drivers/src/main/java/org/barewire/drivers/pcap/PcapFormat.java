package org.barewire.drivers.pcap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.barewire.core.memory.Memory;

/// pcap with nanoseconds, little-endian (draft-ietf-opsawg-pcap, 4 and 5).
record PcapFormat(int snapLength) implements RecordFormat {
    static final int RECORD_HEADER = 16;

    private static final int MAGIC_NANOSECONDS = 0xA1B2_3C4D;
    private static final short MAJOR = 2;
    private static final short MINOR = 4;
    private static final int LINKTYPE_ETHERNET = 1;
    private static final long SECOND = 1_000_000_000;

    @Override
    public byte[] beginning() {
        ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(MAGIC_NANOSECONDS).putShort(MAJOR).putShort(MINOR);
        header.putInt(0).putInt(0); // reserved
        header.putInt(snapLength).putInt(LINKTYPE_ETHERNET);
        return header.array();
    }

    /// Nothing: pcap has no place for it.
    @Override
    public byte[] ending(long timeNanos, long received, long dropped) {
        return new byte[0];
    }

    @Override
    public int recordLength(int captured) {
        return RECORD_HEADER + captured;
    }

    @Override
    public int headerLength() {
        return RECORD_HEADER;
    }

    @Override
    public void frame(long record, long timeNanos, int captured, int original) {
        Memory.putInt(record, (int) Math.floorDiv(timeNanos, SECOND));
        Memory.putInt(record + 4, (int) Math.floorMod(timeNanos, SECOND));
        Memory.putInt(record + 8, captured);
        Memory.putInt(record + 12, original);
    }

    @Override
    public int lengthOf(long record) {
        return RECORD_HEADER + Memory.getInt(record + 8);
    }

    @Override
    public long timeOf(long record) {
        return (Memory.getInt(record) & 0xFFFF_FFFFL) * SECOND + Memory.getInt(record + 4);
    }
}
