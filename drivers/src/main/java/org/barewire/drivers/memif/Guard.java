package org.barewire.drivers.memif;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// One end of a ring, that a queue's thread uses and the control thread gives and takes away.
///
/// The queue's thread says that it is busy and then looks whether there is an end; the control thread takes
/// the end away and then waits until the queue's thread is not busy. Both are volatile, so one of the two
/// sees what the other did, and nobody touches memory that is gone. A burst is short, so the wait is; who
/// sleeps with an end is woken between the two.
final class Guard<T> {
    private static final VarHandle BUSY = handle("busy", boolean.class);

    @SuppressWarnings("unused") // through BUSY
    private boolean busy;

    @SuppressWarnings("FieldMayBeFinal") // or compilers would know it
    private static int step = 1;

    private volatile @Nullable T end;
    private volatile boolean faulty;

    /// The end, or null while there is no connection. For the queue's thread, which calls {@link #leave}
    /// soon.
    @Nullable
    T enter() {
        BUSY.setVolatile(this, true);
        return end;
    }

    void leave() {
        BUSY.setRelease(this, false);
    }

    /// Takes note that the other side has taken away the memory that the end is in, and of all errors that
    /// the JVM still owes for that: there is one for each access.
    void fault() {
        faulty = true;
        boolean more = true;
        while (more) {
            try {
                settle();
                more = false;
            } catch (InternalError e) {
                more = true;
            }
        }
    }

    /// Has an error for memory that is gone come now, and not in the caller's code. The JVM throws it at the next
    /// safepoint poll, of which a loop has one each time round if no compiler knows how often that is.
    static void settle() {
        for (int i = 0; i < 4; i += step) {}
    }

    /// True if there has been a fault since the end was given.
    boolean isFaulty() {
        return faulty;
    }

    void give(T end) {
        faulty = false;
        this.end = end;
    }

    /// Returns the end, which the queue's thread does not get any more, but may have; null if there was none.
    @Nullable
    T withdraw() {
        T withdrawn = end;
        end = null;
        return withdrawn;
    }

    /// Returns when the queue's thread has nothing that was withdrawn.
    void awaitLeave() {
        while ((boolean) BUSY.getVolatile(this)) {
            Thread.onSpinWait();
        }
    }

    private static VarHandle handle(String name, Class<?> type) {
        try {
            return MethodHandles.lookup().findVarHandle(Guard.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
