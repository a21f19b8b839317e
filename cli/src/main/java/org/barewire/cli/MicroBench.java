package org.barewire.cli;

/// Something that moves packets on one thread and is timed from outside.
interface MicroBench extends AutoCloseable {
    /// Moves at least `count` packets; returns how many.
    long run(long count);

    @Override
    void close();
}
