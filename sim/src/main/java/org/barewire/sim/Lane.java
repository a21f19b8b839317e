package org.barewire.sim;

import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;

/// One direction of a wire: its rate, its frames under way, and what happens to them.
final class Lane {
    private static final int SENT = 0;
    private static final int BYTES = 1;
    private static final int LOST = 2;
    private static final int DUPLICATED = 3;
    private static final int REORDERED = 4;
    private static final int CORRUPTED = 5;
    private static final int DELIVERED = 6;

    // marks of a frame under way
    private static final int TWICE = 1;
    private static final int OVERTAKEN = 2;
    private static final int DAMAGED = 4;

    /// How much line time a late step makes up for.
    private static final long SLACK = 100_000;
    /// How long a frame waits to be overtaken before it goes on unharmed.
    private static final long PATIENCE = 1_000_000;

    private static final long NEVER = Long.MIN_VALUE;
    private static final long LEAST_CAPACITY = 512 << 10;
    private static final long MOST_CAPACITY = 1 << 30;

    private final WireConfig config;
    private final Pace pace;
    private final Fates fates;
    private final FrameRing ring;
    private final long waiting; // room for the one frame that waits to be overtaken
    private final Tally tally = new Tally(7);
    private boolean closed;

    private long previousStep = NEVER;
    private long currentStep = NEVER;
    private boolean willWait; // a frame was sent that waits, and none yet that will overtake it
    private long waitingSince = NEVER;
    private int waitingLength;

    Lane(WireConfig config) {
        this.config = config;
        pace = new Pace(config.bitsPerSecond());
        fates = new Fates(config);
        waiting = OwnMemory.map(Wire.MAX_FRAME);
        try {
            ring = new FrameRing(capacity(config));
        } catch (RuntimeException e) {
            Mman.unmap(waiting, Wire.MAX_FRAME);
            throw e;
        }
    }

    boolean canSend(long nowNanos) {
        return pace.free(nowNanos) && !closed && ring.hasRoom();
    }

    void send(long nowNanos, long address, int length, boolean lit) {
        int fate = fates.next();
        long arrival = pace.take(nowNanos, earliest(nowNanos), 8L * (length + Wire.FRAMING)) + config.delayNanos();
        tally.add(SENT, 1);
        tally.add(BYTES, length);
        if (fate == Fates.LOST || !lit) {
            tally.add(LOST, 1);
            return;
        }
        long bytes = FrameRing.bytes(ring.add(arrival, length, marks(fate)));
        Memory.copy(address, bytes, length);
        if (fate == Fates.CORRUPTED) {
            flipBit(bytes, length);
        }
    }

    /// A frame that waits is overtaken by the next undamaged one, so that a receiver which drops damaged
    /// frames sees the reordering that was counted; until one was sent no second frame is made to wait.
    private int marks(int fate) {
        if (fate == Fates.CORRUPTED) {
            tally.add(CORRUPTED, 1);
            return DAMAGED;
        }
        if (fate == Fates.REORDERED && !willWait) {
            willWait = true;
            return OVERTAKEN;
        }
        willWait = false;
        if (fate == Fates.DUPLICATED) {
            tally.add(DUPLICATED, 1);
            return TWICE;
        }
        return 0;
    }

    private void flipBit(long bytes, int length) {
        if (length > 0) { // of an empty frame the check sequence was hit
            int bit = fates.bit(length * 8);
            long address = bytes + (bit >>> 3);
            Memory.putByte(address, (byte) (Memory.getByte(address) ^ 1 << (bit & 7)));
        }
    }

    /// Was the line busy at the step before this one, a frame follows at once, however late the sender is
    /// stepped. Was it idle, the sender had nothing to send, and the frame starts now.
    private long earliest(long nowNanos) {
        long step = nowNanos == currentStep ? previousStep : currentStep;
        return pace.free(step) ? nowNanos : nowNanos - SLACK;
    }

    /// Hands over what has arrived.
    boolean step(long nowNanos, WireEnd to) {
        if (closed) {
            return false;
        }
        if (nowNanos != currentStep) {
            previousStep = currentStep;
            currentStep = nowNanos;
        }
        boolean worked = false;
        long record;
        while ((record = ring.first()) != 0 && FrameRing.dueNanos(record) <= nowNanos) {
            arrive(record, to);
            ring.removeFirst();
            worked = true;
        }
        if (waitingSince != NEVER && nowNanos - waitingSince >= PATIENCE) {
            waitingSince = NEVER;
            deliver(waiting, waitingLength, false, to);
            worked = true;
        }
        return worked;
    }

    private void arrive(long record, WireEnd to) {
        int length = FrameRing.length(record);
        int marks = FrameRing.marks(record);
        long bytes = FrameRing.bytes(record);
        if ((marks & OVERTAKEN) != 0) {
            Memory.copy(bytes, waiting, length);
            waitingLength = length;
            waitingSince = FrameRing.dueNanos(record);
            return;
        }
        boolean damaged = (marks & DAMAGED) != 0;
        deliver(bytes, length, damaged, to);
        if ((marks & TWICE) != 0) {
            deliver(bytes, length, false, to);
        }
        if (waitingSince != NEVER && !damaged) {
            waitingSince = NEVER;
            tally.add(REORDERED, 1);
            deliver(waiting, waitingLength, false, to);
        }
    }

    private void deliver(long bytes, int length, boolean damaged, WireEnd to) {
        tally.add(to.receive(bytes, length, damaged) ? DELIVERED : LOST, 1);
    }

    long bitsPerSecond() {
        return config.bitsPerSecond();
    }

    /// Time of the last step.
    long nowNanos() {
        return currentStep;
    }

    WireStatistics statistics() {
        return new WireStatistics(
                tally.get(SENT),
                tally.get(BYTES),
                tally.get(LOST),
                tally.get(DUPLICATED),
                tally.get(REORDERED),
                tally.get(CORRUPTED),
                tally.get(DELIVERED));
    }

    void close() {
        if (!closed) {
            closed = true;
            ring.free();
            Mman.unmap(waiting, Wire.MAX_FRAME);
        }
    }

    /// What the rate puts on a line of this length and between two late steps. Records are no larger than
    /// their frames with framing; a wire without a limit is taken for one of 100 Gbit/s.
    private static long capacity(WireConfig config) {
        double bytesPerSecond = (config.bitsPerSecond() == 0 ? 100e9 : config.bitsPerSecond()) / 8;
        double bytes = bytesPerSecond * (config.delayNanos() + 2 * SLACK) / 1e9;
        return (long) Math.clamp(bytes, LEAST_CAPACITY, MOST_CAPACITY) & -4096;
    }
}
