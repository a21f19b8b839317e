package org.barewire.bench;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.barewire.core.device.Counters;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/// A reader of {@link Counters} sees an old or a new value, never half of one.
@JCStressTest
@Outcome(
        id = {"0", "-1"},
        expect = ACCEPTABLE,
        desc = "the old or the new value")
@Outcome(expect = FORBIDDEN, desc = "half of a value")
@State
public class CountersStress {
    private final long line = Counters.allocate();

    @Actor
    public void writer() {
        Counters.add(line, 0, -1);
    }

    @Actor
    public void reader(J_Result result) {
        result.r1 = Counters.get(line, 0);
    }

    @Arbiter
    public void free() {
        Counters.free(line);
    }
}
