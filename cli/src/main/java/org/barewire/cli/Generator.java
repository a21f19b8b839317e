package org.barewire.cli;

import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.sim.FrameSizes;
import org.barewire.sim.Wire;

/// Sends the frames of one stream through one queue: the data plane of `barewire pktgen`.
final class Generator implements Worker.Loop, AutoCloseable {
    private static final int BYTES = 0;

    private final TxQueue queue;
    private final PacketPool pool;
    private final FrameWriter writer;
    private final FrameSizes sizes;
    private final Pacer pacer;
    private final long count;
    private final long[] packets;
    private final long counters = Counters.allocate();
    private int from; // packets from here
    private int to; // to here are written, and wait for room in the queue
    private long sequence;

    /// @param sizes of the frames; those too small for the writer become as large as need be
    /// @param batch frames of a burst at most
    /// @param count frames to send
    Generator(
            TxQueue queue, PacketPool pool, FrameWriter writer, FrameSizes sizes, Pacer pacer, int batch, long count) {
        this.queue = queue;
        this.pool = pool;
        this.writer = writer;
        this.sizes = sizes;
        this.pacer = pacer;
        this.packets = new long[batch];
        this.count = count;
    }

    @Override
    public int poll() {
        if (from == to) {
            prepare();
        }
        int sent = queue.send(packets, from, to - from);
        long bytes = 0;
        for (int i = from; i < from + sent; i++) {
            bytes += Packet.length(packets[i]);
        }
        from += sent;
        Counters.add(counters, BYTES, bytes);
        return sent;
    }

    /// Writes the burst that is due.
    private void prepare() {
        long[] packets = this.packets;
        long sequence = this.sequence;
        long now = System.nanoTime();
        int most = (int) Math.min(packets.length, count - sequence);
        int due = 0;
        pacer.begin(now);
        while (due < most && pacer.take(now, length(sequence + due) + Wire.FRAMING)) {
            due++;
        }
        due = pool.allocate(packets, 0, due);
        for (int i = 0; i < due; i++) {
            long packet = Packet.resize(packets[i], length(sequence));
            writer.write(packet, sequence, now);
            packets[i] = packet;
            sequence++;
        }
        this.sequence = sequence;
        from = 0;
        to = due;
    }

    private int length(long sequence) {
        return Math.max(sizes.size(sequence), writer.minimumLength());
    }

    /// Packets that the device took so far. Any thread may call.
    long packets() {
        return queue.statistics().packets();
    }

    /// Bytes of these, without check sequence. Any thread may call.
    long bytes() {
        return Counters.get(counters, BYTES);
    }

    /// Releases what was written and not sent, when nobody polls any more.
    void finish() {
        PacketPool.release(packets, from, to - from);
        from = to;
    }

    /// Packets that the queue could not send. Any thread may call.
    long dropped() {
        QueueStatistics statistics = queue.statistics();
        return statistics.dropped() + statistics.errors();
    }

    /// Gives the counters back, when nobody polls any more.
    @Override
    public void close() {
        Counters.free(counters);
    }
}
