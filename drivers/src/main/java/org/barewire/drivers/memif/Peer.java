package org.barewire.drivers.memif;

import java.util.ArrayDeque;
import java.util.Deque;

/// A connection that is up, and what it takes to end it: everything is given back in the opposite order, all
/// of it also if something fails.
final class Peer implements AutoCloseable {
    private final Deque<Runnable> undo = new ArrayDeque<>();

    /// Has something done at the end, before all that was said earlier.
    void atEnd(Runnable action) {
        undo.push(action);
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        while (!undo.isEmpty()) {
            try {
                undo.pop().run();
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
