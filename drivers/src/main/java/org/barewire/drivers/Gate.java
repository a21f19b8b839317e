package org.barewire.drivers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/// Lets a queue's one thread use a ring, burst by burst, and another thread take the ring away between two.
///
/// The data path pays one fence a burst; the control plane waits for the end of the burst under way. Each
/// side first says what it is about to do and then looks at the other: whichever comes second sees the first.
public final class Gate {
    private static final VarHandle INSIDE;

    @SuppressWarnings("unused") // through INSIDE: written by the data path
    private boolean inside;

    private volatile boolean open; // written by the control plane

    static {
        try {
            INSIDE = MethodHandles.lookup()
                    .findVarHandle(Gate.class, "inside", boolean.class)
                    .withInvokeExactBehavior();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a field of this class is gone", e);
        }
    }

    /// A closed gate.
    public Gate() {}

    /// Data path: true if the ring may be used, until {@link #leave}. A closed gate costs a load.
    public boolean enter() {
        if (!open) {
            return false;
        }
        INSIDE.setVolatile(this, true); // ordered before the second look; pairs with close()
        if (open) {
            return true;
        }
        INSIDE.setRelease(this, false);
        return false;
    }

    /// Data path: the end of a burst.
    public void leave() {
        INSIDE.setRelease(this, false); // ordered after all use of the ring; pairs with close()
    }

    /// Nobody enters any more; who is inside, as the caller may be, has not left yet.
    public void shut() {
        open = false;
    }

    /// Control plane: the data path sees everything that was set up before.
    public void open() {
        open = true;
    }

    /// Control plane: when this returns, the data path has left and will not enter again.
    public void close() {
        open = false; // ordered before the look at INSIDE; pairs with enter()
        while ((boolean) INSIDE.getVolatile(this)) {
            LockSupport.parkNanos(20_000);
        }
    }
}
