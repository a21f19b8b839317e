package org.barewire.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/// A capture file of Ethernet frames for tshark (libpcap file format, with nanoseconds).
final class Capture implements AutoCloseable {
    private static final int MAGIC = 0xA1B2_3C4D;
    private static final int ETHERNET = 1;
    private static final long NANOS = 1_000_000_000;

    private final OutputStream file;
    private final ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);

    Capture(Path path) throws IOException {
        file = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16);
        header.putInt(MAGIC)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(1 << 16)
                .putInt(ETHERNET);
        file.write(header.array(), 0, 24);
    }

    void add(byte[] frame, int length) {
        long now = System.nanoTime();
        header.clear()
                .putInt((int) (now / NANOS))
                .putInt((int) (now % NANOS))
                .putInt(length)
                .putInt(length);
        try {
            file.write(header.array(), 0, 16);
            file.write(frame, 0, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
