package org.barewire.drivers.pcap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Writes capture files by hand, for tests, as other programs may have written them.
final class CaptureBytes {
    static final int MICROSECONDS = 0xA1B2_C3D4;
    static final int NANOSECONDS = 0xA1B2_3C4D;

    private final ByteBuffer buffer;

    private CaptureBytes(ByteOrder order) {
        buffer = ByteBuffer.allocate(1 << 20).order(order);
    }

    static CaptureBytes pcap(ByteOrder order, int magic, int linkType) {
        CaptureBytes file = new CaptureBytes(order);
        file.buffer.putInt(magic).putShort((short) 2).putShort((short) 4);
        file.buffer.putInt(0).putInt(0).putInt(65535).putInt(linkType);
        return file;
    }

    static CaptureBytes pcapng(ByteOrder order) {
        return new CaptureBytes(order).section();
    }

    CaptureBytes record(int seconds, int fraction, byte[] frame, int original) {
        buffer.putInt(seconds).putInt(fraction).putInt(frame.length).putInt(original);
        buffer.put(frame);
        return this;
    }

    CaptureBytes section() {
        ByteBuffer body = body().putInt(0x1A2B_3C4D).putShort((short) 1).putShort((short) 0);
        return block(0x0A0D_0D0A, body.putLong(-1));
    }

    /// @param options already encoded
    CaptureBytes describe(int linkType, int snapLength, byte... options) {
        ByteBuffer body = body().putShort((short) linkType).putShort((short) 0);
        return block(1, body.putInt(snapLength).put(options));
    }

    CaptureBytes enhanced(int from, long time, byte[] frame, int original) {
        ByteBuffer body = body().putInt(from).putInt((int) (time >>> 32)).putInt((int) time);
        return block(6, body.putInt(frame.length).putInt(original).put(frame));
    }

    CaptureBytes obsolete(int from, long time, byte[] frame) {
        ByteBuffer body = body().putShort((short) from).putShort((short) 7);
        body.putInt((int) (time >>> 32)).putInt((int) time);
        return block(2, body.putInt(frame.length).putInt(frame.length).put(frame));
    }

    CaptureBytes simple(byte[] kept, int original) {
        return block(3, body().putInt(original).put(kept));
    }

    CaptureBytes unknown() {
        return block(0x0BAD_BEEF, body().putLong(-1));
    }

    /// A block of a type that nobody knows, with so many zeros in it.
    CaptureBytes unknown(int length) {
        return block(0x0BAD_BEEF, ByteBuffer.allocate(length).position(length));
    }

    private ByteBuffer body() {
        return ByteBuffer.allocate(1 << 16).order(buffer.order());
    }

    private CaptureBytes block(int type, ByteBuffer body) {
        int padded = body.position() + 3 & -4;
        int length = padded + 12;
        buffer.putInt(type).putInt(length);
        buffer.put(body.position(padded).flip()).putInt(length);
        return this;
    }

    byte[] bytes() {
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
