package org.barewire.drivers.vhost;

import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;

/// The file in memory with the notes of all rings' chains in use: made here, kept by the front end, and
/// handed back by it to this back end or the next one.
final class InflightFile implements AutoCloseable {
    private static final int MESSAGE = 20; // u64 size, u64 offset, u16 queues, u16 descriptors of each
    private static final int LINE = 64;

    private final GuestRegion region;
    private final int queues;
    private final int queueSize;

    private InflightFile(GuestRegion region, int queues, int queueSize) {
        this.region = region;
        this.queues = queues;
        this.queueSize = queueSize;
    }

    /// The size of a queue's region.
    static long bytes(int queueSize) {
        return Inflight.ENTRIES + (long) Inflight.ENTRY * queueSize + LINE - 1 & -LINE;
    }

    /// Makes the file that a GET_INFLIGHT_FD asks for and sends it; it is mapped when it comes back.
    ///
    /// @param rings of the device
    static void create(VhostMessage request, VhostConnection connection, int rings) {
        ProtocolException.unlessSize(request, MESSAGE);
        int shape = request.getInt(16);
        long size = bytes(shape >>> 16) * (shape & 0xFFFF);
        if (size == 0 || shape >>> 16 > FrontEnd.MOST_DESCRIPTORS || (shape & 0xFFFF) > rings) {
            throw new ProtocolException("a wish for notes on rings of impossible size");
        }
        int fd = Mman.memfd("barewire-inflight", 0);
        try {
            Fd.truncate(fd, size);
            Fd.fixLength(fd);
            connection.send(VhostMessage.ofLongs(request.request(), size, 0, shape & 0xFFFF_FFFFL)
                    .withFd(fd)
                    .withFlags(VhostRequest.REPLY));
        } finally {
            Fd.close(fd);
        }
    }

    /// Maps what a SET_INFLIGHT_FD hands over.
    static InflightFile map(VhostMessage message) {
        ProtocolException.unlessSize(message, MESSAGE);
        ProtocolException.unlessFds(message, 1);
        int shape = message.getInt(16);
        int queues = shape & 0xFFFF;
        int queueSize = shape >>> 16;
        long size = message.getLong(0);
        if (queueSize == 0 || queueSize > FrontEnd.MOST_DESCRIPTORS || size < queues * bytes(queueSize)) {
            throw new ProtocolException("notes on %d rings of %d in %d bytes".formatted(queues, queueSize, size));
        }
        int fd = message.takeFd();
        try {
            return new InflightFile(GuestRegion.map(fd, 0, size, 0, message.getLong(8)), queues, queueSize);
        } finally {
            Fd.close(fd);
        }
    }

    /// The note on a ring.
    Inflight of(int ring, int size) {
        if (ring >= queues || size > queueSize) {
            throw new ProtocolException("no room for a note on ring %d of %d".formatted(ring, size));
        }
        return new Inflight(region.address() + ring * bytes(queueSize), queueSize);
    }

    @Override
    public void close() {
        region.unmap();
    }
}
