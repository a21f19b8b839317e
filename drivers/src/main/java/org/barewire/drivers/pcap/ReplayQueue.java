package org.barewire.drivers.pcap;

import java.util.function.LongSupplier;
import org.barewire.core.device.Counters;
import org.barewire.core.device.QueueStatistics;
import org.barewire.core.device.RxQueue;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Metadata;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Frames of a file, each when it is due. A frame for which there is no buffer waits; none is lost.
final class ReplayQueue implements RxQueue {
    static final int PACKETS = 0;
    static final int BYTES = 1;
    static final int CUT = 2;
    static final int OTHER_LINK_TYPE = 3;
    static final int TOO_LONG = 4;
    static final int EMPTY = 5;
    static final int ROUNDS = 6;
    static final int ENDS_TRUNCATED = 7;
    static final int ENDS_DAMAGED = 8;

    private final FrameReader reader;
    private final ReplayOptions options;
    private final PacketPool pool;
    private final LongSupplier clock;
    private final int capacity;
    private final long counters = Counters.allocate();
    private long roundsLeft;
    private boolean waiting; // the reader's frame has not been given yet
    private boolean begun; // a frame of this round has been found
    private boolean useful; // and one that can be given
    private long firstTime; // when the round's first frame was captured
    private long start; // when it is due, on the monotonic clock
    private long due; // when the reader's frame is
    private volatile boolean ended;

    /// @param clock in nanoseconds
    ReplayQueue(FrameReader reader, ReplayOptions options, PacketPool pool, LongSupplier clock) {
        this.clock = clock;
        this.reader = reader;
        this.options = options;
        this.pool = pool;
        this.capacity = pool.capacity();
        this.roundsLeft = options.rounds();
    }

    @Override
    public int receive(long[] packets, int from, int count) {
        if (ended) {
            return 0;
        }
        boolean paced = options.isPaced();
        long now = paced ? clock.getAsLong() : 0;
        int received = 0;
        long bytes = 0;
        while (received < count && (waiting || advance(now))) {
            if (paced && due - now > 0) {
                break;
            }
            long packet = copy(reader.data, reader.captured);
            if (packet == 0) {
                break;
            }
            waiting = false;
            bytes += reader.captured;
            packets[from + received++] = packet;
        }
        Counters.add(counters, BYTES, bytes);
        Counters.add(counters, PACKETS, received);
        return received;
    }

    /// Goes on to the next frame that can be given; false if there is none.
    private boolean advance(long now) {
        while (true) {
            if (!reader.next()) {
                if (!nextRound()) {
                    return false;
                }
                continue;
            }
            schedule(now);
            if (reader.captured == 0) {
                Counters.add(counters, EMPTY, 1);
            } else if (reader.captured > (long) capacity * pool.slots()) {
                Counters.add(counters, TOO_LONG, 1);
            } else {
                Counters.add(counters, CUT, reader.cut ? 1 : 0);
                waiting = true;
                useful = true;
                return true;
            }
        }
    }

    /// A round's first frame is due when the last one of the round before was.
    private void schedule(long now) {
        if (!options.isPaced()) {
            return;
        }
        if (!begun) {
            begun = true;
            start = Counters.get(counters, ROUNDS) == 0 ? now : due;
            firstTime = reader.timeNanos;
        }
        due = start + (long) ((reader.timeNanos - firstTime) / options.speed());
    }

    /// Goes back to the beginning; false if this was the last round, or rounds give nothing.
    private boolean nextRound() {
        Counters.add(counters, ROUNDS, 1);
        Counters.add(counters, ENDS_TRUNCATED, reader.isCutOff() ? 1 : 0);
        Counters.add(counters, ENDS_DAMAGED, reader.end() == FrameReader.End.DAMAGED ? 1 : 0);
        Counters.add(counters, OTHER_LINK_TYPE, reader.otherFrames);
        reader.otherFrames = 0;
        if (roundsLeft != Long.MAX_VALUE) {
            roundsLeft--;
        }
        if (roundsLeft == 0 || !useful) {
            ended = true;
            return false;
        }
        begun = false;
        useful = false;
        reader.rewind();
        return true;
    }

    /// A packet with these bytes, in as many segments as it takes; 0 if there are not enough buffers now.
    private long copy(long data, int length) {
        if (length > capacity) {
            return copyInSegments(data, length);
        }
        long packet = pool.allocate();
        if (packet != 0) {
            Memory.copy(data, Packet.address(packet), length);
            packet |= length;
        }
        return packet;
    }

    private long copyInSegments(long data, int length) {
        if (pool.available() < (length + capacity - 1) / capacity) {
            return 0;
        }
        long first = Metadata.begin(pool.allocate() | capacity);
        Memory.copy(data, Packet.address(first), capacity);
        Metadata.setTotalLength(first, length);
        long last = first;
        for (int copied = capacity; copied < length; copied += capacity) {
            int bytes = Math.min(capacity, length - copied);
            long segment = Metadata.begin(pool.allocate() | bytes);
            Memory.copy(data + copied, Packet.address(segment), bytes);
            Metadata.setNext(last, segment);
            last = segment;
        }
        return first;
    }

    /// For people: why there will be no further frame; empty if there may be one.
    String ending() {
        return ended ? reader.ending() : "";
    }

    long counter(int index) {
        return Counters.get(counters, index);
    }

    @Override
    public boolean keepsPackets() {
        return true;
    }

    @Override
    public boolean isExhausted() {
        return ended;
    }

    @Override
    public PacketPool pool() {
        return pool;
    }

    @Override
    public QueueStatistics statistics() {
        long unusable = counter(OTHER_LINK_TYPE) + counter(TOO_LONG) + counter(EMPTY);
        return new QueueStatistics(counter(PACKETS), unusable, 0);
    }

    void close() {
        pool.close();
        Counters.free(counters);
    }
}
