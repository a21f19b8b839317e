package org.barewire.core.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Waits for a few file descriptors (`poll.h`).
///
/// Belongs to one thread. Made once; neither setting nor waiting allocates.
public final class Poll {
    /// There is something to read, or to accept.
    public static final int IN = 1;
    /// Writing would not block.
    public static final int OUT = 4;
    /// Reported without being asked for: an error.
    public static final int ERR = 8;
    /// Reported without being asked for: the other end is closed.
    public static final int HUP = 0x10;

    private static final int ENTRY = 8; // struct pollfd: int fd, short events, short revents
    private static final int EVENTS = 4;
    private static final int HAPPENED = 6;

    private static final long SECOND = 1_000_000_000;

    private static final MethodHandle POLL =
            Native.function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle PPOLL =
            Native.function("ppoll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

    private final MemorySegment entries;
    private final MemorySegment timeout; // struct timespec: seconds, nanoseconds
    private final int count;

    /// Waits for nothing until {@link #set} says for what.
    ///
    /// @param count how many descriptors there can be
    public Poll(int count) {
        this.entries = Arena.ofAuto().allocate((long) count * ENTRY, 8);
        this.timeout = Arena.ofAuto().allocate(16, 8);
        this.count = count;
        for (int i = 0; i < count; i++) {
            set(i, -1, 0);
        }
    }

    /// Waits for one descriptor.
    public static Poll of(int fd, int events) {
        Poll poll = new Poll(1);
        poll.set(0, fd, events);
        return poll;
    }

    /// Says which descriptor entry `index` waits for; none if it is -1.
    ///
    /// @param events {@link #IN} and {@link #OUT}
    public void set(int index, int fd, int events) {
        entries.set(JAVA_INT, (long) index * ENTRY, fd);
        entries.set(JAVA_SHORT, (long) index * ENTRY + EVENTS, (short) events);
        entries.set(JAVA_SHORT, (long) index * ENTRY + HAPPENED, (short) 0);
    }

    /// Waits until something happens; returns how many entries have something to report, 0 if the time is up
    /// or a signal came.
    ///
    /// @param timeoutMillis 0 to look only, -1 for ever
    public int await(int timeoutMillis) {
        int result;
        try {
            result = (int) POLL.invokeExact(Native.state(), entries, (long) count, timeoutMillis);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return result >= 0 ? result : interrupted();
    }

    /// As {@link #await(int)}, with a finer clock: the kernel rounds up by some 50 µs.
    ///
    /// @param nanos 0 to look only
    public int awaitNanos(long nanos) {
        timeout.set(JAVA_LONG, 0, nanos / SECOND);
        timeout.set(JAVA_LONG, 8, nanos % SECOND);
        int result;
        try {
            result = (int) PPOLL.invokeExact(Native.state(), entries, (long) count, timeout, MemorySegment.NULL);
        } catch (Throwable t) {
            throw Native.unexpected(t);
        }
        return result >= 0 ? result : interrupted();
    }

    /// A signal came, so nothing has happened; any other failure throws.
    private int interrupted() {
        if (Native.errno() != Errno.EINTR) {
            throw Native.failure("wait for %d file descriptors".formatted(count));
        }
        for (int i = 0; i < count; i++) {
            entries.set(JAVA_SHORT, (long) i * ENTRY + HAPPENED, (short) 0);
        }
        return 0;
    }

    /// What happened to entry `index`, as of the last {@link #await}: a sum of the constants, or 0.
    public int happened(int index) {
        return entries.get(JAVA_SHORT, (long) index * ENTRY + HAPPENED);
    }
}
