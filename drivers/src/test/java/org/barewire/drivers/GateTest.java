package org.barewire.drivers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final int ROUNDS = 2_000;

    private final Gate gate = new Gate();
    private volatile boolean taken; // while it is, nobody may be inside
    private volatile boolean stop;

    @Test
    void aClosedGateLetsNobodyIn() {
        assertThat(gate.enter()).isFalse();
        gate.open();
        assertThat(gate.enter()).isTrue();
        gate.leave();
        gate.close();
        assertThat(gate.enter()).isFalse();
    }

    @Test
    void whoShutsItFromInsideWasTheLast() {
        gate.open();
        assertThat(gate.enter()).isTrue();
        gate.shut();
        gate.leave();
        assertThat(gate.enter()).isFalse();
        gate.close();
    }

    @Test
    void nobodyIsInsideWhenClosingReturns() throws InterruptedException {
        AtomicLong bursts = new AtomicLong();
        AtomicLong strays = new AtomicLong();
        Thread dataPath = Thread.ofPlatform().start(() -> {
            while (!stop) {
                if (gate.enter()) {
                    for (int i = 0; i < 20; i++) {
                        strays.addAndGet(taken ? 1 : 0);
                    }
                    bursts.incrementAndGet();
                    gate.leave();
                }
            }
        });
        for (int i = 0; i < ROUNDS; i++) {
            long before = bursts.get();
            taken = false;
            gate.open();
            while (bursts.get() == before) {
                Thread.onSpinWait();
            }
            gate.close();
            taken = true;
        }
        stop = true;
        dataPath.join();
        assertThat(bursts.get()).isGreaterThanOrEqualTo(ROUNDS);
        assertThat(strays.get()).isZero();
    }
}
