package org.barewire.drivers.pcap;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.barewire.core.packet.Packet;

/// Writes a pcap file of Ethernet frames with times in nanoseconds, little-endian
/// (draft-ietf-opsawg-pcap, 4 and 5), which tcpdump and Wireshark read.
///
/// Records are collected in a buffer, which goes out when it is full and at {@link #flush}. Belongs to one
/// thread.
public final class PcapWriter implements Closeable {
    /// What a record holds of a packet at most, in bytes.
    public static final int MAX_SNAP_LENGTH = Packet.MAX_LENGTH;

    private static final int BUFFER = 1 << 20;
    private static final long SECOND = 1_000_000_000;

    private final WritableByteChannel channel;
    private final int snapLength;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private long records;
    private long flushed; // of these, those that have gone out

    /// Begins a file.
    ///
    /// @param channel    where it goes, from the channel's position on; closed by {@link #close}
    /// @param snapLength what is kept of each packet at most, 1 to {@link #MAX_SNAP_LENGTH} bytes
    public PcapWriter(WritableByteChannel channel, int snapLength) {
        if (snapLength < 1 || snapLength > MAX_SNAP_LENGTH) {
            throw new IllegalArgumentException(
                    "%d bytes of each packet: 1 to %d is possible".formatted(snapLength, MAX_SNAP_LENGTH));
        }
        this.channel = channel;
        this.snapLength = snapLength;
        buffer.put(new PcapFormat(snapLength).beginning());
    }

    /// Appends a record.
    ///
    /// @param timeNanos      when the packet was captured, since 1970 (UTC)
    /// @param packet         its first segment is written; stays the caller's
    /// @param originalLength bytes that the packet had before anything was cut off
    /// @throws IOException if the buffer was full and cannot be written
    public void write(long timeNanos, long packet, int originalLength) throws IOException {
        int captured = Math.min(Packet.length(packet), snapLength);
        if (buffer.remaining() < PcapFormat.RECORD_HEADER + captured) {
            flush();
        }
        buffer.putInt((int) Math.floorDiv(timeNanos, SECOND)).putInt((int) Math.floorMod(timeNanos, SECOND));
        buffer.putInt(captured).putInt(originalLength);
        Packet.read(packet, 0, buffer.array(), buffer.position(), captured);
        buffer.position(buffer.position() + captured);
        records++;
    }

    /// Writes out what has been collected.
    public void flush() throws IOException {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            flushed = records;
        } finally {
            buffer.compact();
        }
    }

    /// Records that have gone out for certain: those of a flush that failed are not among them.
    public long flushed() {
        return flushed;
    }

    /// Writes out what has been collected and closes the channel.
    @Override
    public void close() throws IOException {
        try (channel) {
            flush();
        }
    }
}
