package org.barewire.drivers.ixgbe;

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
final class Undo implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    void add(Runnable step) {
        steps.push(step);
    }

    void forget() {
        steps.clear();
    }

    @Override
    public void close() {
        Steps all = new Steps();
        steps.forEach(all::take);
        all.end();
    }
}
