package org.barewire.sim;

/// How many queues, counted from queue 0, a step has to look at.
final class QueueRange {
    private int end;

    int end() {
        return end;
    }

    void include(int queue) {
        end = Math.max(end, queue + 1);
    }

    void clear() {
        end = 0;
    }
}
