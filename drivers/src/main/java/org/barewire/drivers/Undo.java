package org.barewire.drivers;

import java.util.ArrayDeque;
import java.util.Deque;

/// What has to be undone, the last first, if something does not come to its end:
///
/// ```java
/// try (Undo undo = new Undo()) {
///     PacketPool pool = PacketPool.create(memory, slots);
///     undo.add(pool::close);
///     …
///     undo.forget(); // all went well
/// }
/// ```
public final class Undo implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    /// Nothing to be undone yet.
    public Undo() {}

    /// Notes how to undo what has just been done.
    public void add(Runnable step) {
        steps.push(step);
    }

    /// Leaves everything as it is.
    public void forget() {
        steps.clear();
    }

    /// Takes every step, whatever becomes of the others.
    @Override
    public void close() {
        Steps all = new Steps();
        steps.forEach(all::take);
        all.end();
    }
}
