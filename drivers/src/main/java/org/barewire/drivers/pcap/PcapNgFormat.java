package org.barewire.drivers.pcap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.barewire.core.memory.Memory;

/// pcapng with nanoseconds, little-endian: a section with one interface, whose statistics come last
/// (draft-ietf-opsawg-pcapng, 4.1 to 4.3 and 4.6).
///
/// @param name of the interface
record PcapNgFormat(int snapLength, String name) implements RecordFormat {
    private static final int HEADER = 28;
    private static final int FRAME_BLOCK = HEADER + 4; // with the length again behind the frame
    private static final int ENHANCED_PACKET = 6;
    private static final int INTERFACE = 1;
    private static final int STATISTICS = 5;
    private static final short LINKTYPE_ETHERNET = 1;

    private static final int OPTION_NAME = 2;
    private static final int OPTION_RESOLUTION = 9;
    private static final int OPTION_APPLICATION = 4;
    private static final int OPTION_RECEIVED = 4;
    private static final int OPTION_DROPPED = 5;

    @Override
    public byte[] beginning() {
        ByteBuffer blocks = buffer();
        blocks.putInt(PcapNgReader.SECTION).putInt(0);
        blocks.putInt(0x1A2B_3C4D).putShort((short) 1).putShort((short) 0).putLong(-1); // of unknown length
        option(blocks, OPTION_APPLICATION, "Barewire".getBytes(StandardCharsets.UTF_8));
        endBlock(blocks, 0);
        int second = blocks.position();
        blocks.putInt(INTERFACE).putInt(0).putShort(LINKTYPE_ETHERNET).putShort((short) 0);
        blocks.putInt(snapLength);
        option(blocks, OPTION_NAME, name.getBytes(StandardCharsets.UTF_8));
        option(blocks, OPTION_RESOLUTION, new byte[] {9});
        endBlock(blocks, second);
        return content(blocks);
    }

    @Override
    public byte[] ending(long timeNanos, long received, long dropped) {
        ByteBuffer block = buffer();
        block.putInt(STATISTICS).putInt(0).putInt(0);
        block.putInt((int) (timeNanos >>> 32)).putInt((int) timeNanos);
        option(block, OPTION_RECEIVED, bytes(received));
        option(block, OPTION_DROPPED, bytes(dropped));
        endBlock(block, 0);
        return content(block);
    }

    private static byte[] content(ByteBuffer blocks) {
        byte[] content = new byte[blocks.position()];
        blocks.get(0, content);
        return content;
    }

    private ByteBuffer buffer() {
        return ByteBuffer.allocate(256 + 4 * name.length()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private static void option(ByteBuffer block, int code, byte[] value) {
        block.putShort((short) code).putShort((short) value.length).put(value);
        block.position(block.position() + 3 & -4);
    }

    /// Writes the end of the options, and the length in its two places.
    private static void endBlock(ByteBuffer blocks, int start) {
        blocks.putInt(0);
        int length = blocks.position() + 4 - start;
        blocks.putInt(length).putInt(start + 4, length);
    }

    @Override
    public int recordLength(int captured) {
        return FRAME_BLOCK + (captured + 3 & -4);
    }

    @Override
    public int headerLength() {
        return HEADER;
    }

    @Override
    public void frame(long record, long timeNanos, int captured, int original) {
        int length = recordLength(captured);
        Memory.putInt(record + length - 8, 0); // the padding; the frame's last bytes come later
        Memory.putInt(record, ENHANCED_PACKET);
        Memory.putInt(record + 4, length);
        Memory.putInt(record + 8, 0);
        Memory.putInt(record + 12, (int) (timeNanos >>> 32));
        Memory.putInt(record + 16, (int) timeNanos);
        Memory.putInt(record + 20, captured);
        Memory.putInt(record + 24, original);
        Memory.putInt(record + length - 4, length);
    }

    @Override
    public int lengthOf(long record) {
        return Memory.getInt(record + 4);
    }

    @Override
    public long timeOf(long record) {
        return (long) Memory.getInt(record + 12) << 32 | Memory.getInt(record + 16) & 0xFFFF_FFFFL;
    }
}
