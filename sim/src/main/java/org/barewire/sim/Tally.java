package org.barewire.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Numbers that the simulation's thread writes and any thread reads, one at a time: a reader sees an old or a
/// new value of each, never half of one, and no order between two.
final class Tally {
    // opaque: atomic and in the end visible, without a fence on the writer's side
    private static final VarHandle VALUE =
            MethodHandles.arrayElementVarHandle(long[].class).withInvokeExactBehavior();

    private final long[] values;

    Tally(int size) {
        values = new long[size];
    }

    void add(int index, long amount) {
        VALUE.setOpaque(values, index, values[index] + amount);
    }

    void set(int index, long value) {
        VALUE.setOpaque(values, index, value);
    }

    long get(int index) {
        return (long) VALUE.getOpaque(values, index);
    }
}
