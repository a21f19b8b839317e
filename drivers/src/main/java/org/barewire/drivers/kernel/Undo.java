package org.barewire.drivers.kernel;

import java.util.ArrayDeque;
import java.util.Deque;

/// What has been opened so far, to be closed in reverse order if the rest can't be opened.
public final class Undo {
    private final Deque<Runnable> steps = new ArrayDeque<>();

    public Undo() {}

    /// Notes how to close what has just been opened.
    public void add(Runnable step) {
        steps.push(step);
    }

    /// Closes everything.
    public void run() {
        while (!steps.isEmpty()) {
            steps.pop().run();
        }
    }
}
