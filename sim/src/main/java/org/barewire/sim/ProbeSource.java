package org.barewire.sim;

import org.barewire.core.linux.Mman;
import org.jspecify.annotations.Nullable;

/// The sending half of a {@link Tester}: puts numbered {@linkplain Probe probes} on a wire, at the rate that
/// its {@link Load} says. What the wire did not take in time is made up for, for up to 10 ms.
///
/// With a window it keeps at most so many frames outstanding: sent, and neither they nor a later one have
/// come back. When nothing has come back for 1 s, the outstanding ones are taken for lost and sending goes
/// on.
///
/// For the simulation's thread, except where it says otherwise. Allocates nothing while it sends.
public final class ProbeSource implements Steppable, AutoCloseable {
    private static final int NEXT = 0;
    private static final int FIRST_MEASURED = 1;
    private static final int BYTES = 2;
    private static final int NANOS = 3;
    private static final int SENDING = 4;
    private static final int LAST_STEP = 5; // while sending

    private static final int BURST = 64; // frames a step
    private static final long SLACK = 10_000_000;
    private static final long PATIENCE = 1_000_000_000; // a busy machine may keep a thread waiting for long

    private final WireEnd end;
    private TesterConfig config;
    private final ProbeWriter writer;
    private Pace pace;
    private final Tally tally = new Tally(6);
    private final long frame; // memory to write frames in
    private @Nullable Arrivals arrivals;
    private boolean closed;

    private boolean sending;
    private boolean starting;
    private long startedAt;
    private long next; // sequence number
    private long last; // sequence number to stop at
    private long acknowledged; // all below are back or taken for lost
    private long progressAt;

    /// A source that sends from one end of a wire. What is plugged in there need not know of it.
    ProbeSource(WireEnd end, TesterConfig config) {
        this.end = end;
        this.config = config;
        writer = new ProbeWriter(config.headers(), config.stream());
        pace = pace(config.load());
        frame = OwnMemory.map(Wire.MAX_FRAME);
    }

    private static Pace pace(Load load) {
        return new Pace(load.framesPerSecond() > 0 ? load.framesPerSecond() : load.bitsPerSecond());
    }

    /// Changes how fast it sends when it is next started.
    ///
    /// @throws IllegalStateException if it is sending
    public void setLoad(Load load) {
        if (sending) {
            throw new IllegalStateException("stream %d is being sent: stop it first".formatted(stream()));
        }
        config = config.withLoad(load);
        pace = pace(load);
    }

    /// Sends until {@link #stop}.
    public void start() {
        start(Probe.MAX_SEQUENCE - next);
    }

    /// Sends `frames` frames more, and stops by itself then.
    ///
    /// @throws IllegalStateException if there is a window, and no sink expects this source
    public void start(long frames) {
        if (config.load().window() > 0 && arrivals == null) {
            throw new IllegalStateException(
                    "a window needs to know what comes back: have the sink expect this source first");
        }
        last = next + frames;
        starting = !sending;
        sending(frames > 0 && !closed);
    }

    /// Sends nothing more.
    public void stop() {
        sending(false);
    }

    private void sending(boolean on) {
        sending = on;
        tally.set(SENDING, on ? 1 : 0);
    }

    @Override
    public boolean step(long nowNanos) {
        if (!sending) {
            return false;
        }
        if (starting) {
            starting = false;
            startedAt = nowNanos;
            progressAt = nowNanos;
        } else {
            tally.add(NANOS, nowNanos - tally.get(LAST_STEP));
        }
        tally.set(LAST_STEP, nowNanos);
        long before = next;
        int room = room(nowNanos);
        while (room > 0 && pace.free(nowNanos) && end.canSend(nowNanos)) {
            send(nowNanos);
            room--;
        }
        if (next == last) {
            sending(false);
        }
        return next != before;
    }

    /// How many frames may be sent in this step, as far as window and limit are concerned.
    private int room(long nowNanos) {
        long left = last - next;
        int window = config.load().window();
        if (window > 0 && arrivals != null) {
            long back = arrivals.highest() + 1;
            if (back > acknowledged || next == acknowledged) {
                acknowledged = Math.max(back, acknowledged);
                progressAt = nowNanos;
            } else if (nowNanos - progressAt >= PATIENCE) {
                acknowledged = next;
                progressAt = nowNanos;
            }
            left = Math.min(left, window - (next - acknowledged));
        }
        return (int) Math.min(left, BURST);
    }

    private void send(long nowNanos) {
        int length = Math.max(config.sizes().size(next), writer.minimumLength());
        writer.write(frame, length, next, nowNanos);
        end.send(nowNanos, frame, length);
        long units = config.load().framesPerSecond() > 0 ? 1 : 8L * (length + Wire.FRAMING);
        pace.take(nowNanos, Math.max(startedAt, nowNanos - SLACK), units);
        tally.add(BYTES, length);
        tally.set(NEXT, ++next);
    }

    /// Counts anew from the next frame on.
    void mark() {
        tally.set(FIRST_MEASURED, next);
        tally.set(BYTES, 0);
        tally.set(NANOS, 0);
    }

    /// Tells the source where its frames come back.
    void expectedBy(Arrivals arrivals) {
        if (this.arrivals != null) {
            throw new IllegalStateException("stream %d is expected by another sink already".formatted(stream()));
        }
        this.arrivals = arrivals;
        acknowledged = next;
    }

    /// What its frames carry as their stream.
    public int stream() {
        return config.stream();
    }

    /// Is it sending, or has it been stopped or come to its limit? From any thread.
    public boolean isSending() {
        return tally.get(SENDING) != 0;
    }

    /// Sequence number of the next frame, that is, frames sent so far. From any thread.
    public long next() {
        return tally.get(NEXT);
    }

    /// Frames sent since the last mark. From any thread.
    public long sent() {
        return tally.get(NEXT) - tally.get(FIRST_MEASURED);
    }

    /// Bytes of the frames sent since the last mark, without check sequence. From any thread.
    public long sentBytes() {
        return tally.get(BYTES);
    }

    /// Nanoseconds since the last mark in which it was sending. From any thread.
    public long sendingNanos() {
        return tally.get(NANOS);
    }

    /// Time of the last step in which it was sending. From any thread.
    long lastStepNanos() {
        return tally.get(LAST_STEP);
    }

    /// Stops for good and frees its memory.
    @Override
    public void close() {
        stop();
        if (!closed) {
            closed = true;
            Mman.unmap(frame, Wire.MAX_FRAME);
        }
    }
}
