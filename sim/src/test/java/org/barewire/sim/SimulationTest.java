package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SimulationTest {
    /// A part that remembers what was done with it.
    private static final class Part implements Steppable, AutoCloseable {
        final List<Object> log;

        Part(List<Object> log) {
            this.log = log;
        }

        @Override
        public boolean step(long nowNanos) {
            log.add(nowNanos);
            return false;
        }

        @Override
        public void close() {
            log.add(this);
        }
    }

    @Test
    void partsAreSteppedInOrderAndClosedInReverse() {
        List<Object> log = new ArrayList<>();
        Part first = new Part(log);
        Part second = new Part(log);
        try (Simulation simulation = new Simulation("test")) {
            simulation.add(first);
            simulation.add(nowNanos -> {
                log.add("between");
                return true;
            });
            simulation.add(second);
            assertThat(simulation.step(7)).isTrue();
        }
        assertThat(log).containsExactly(7L, "between", 7L, second, first);
    }

    @Test
    void aRemovedPartIsLeftAlone() {
        List<Object> log = new ArrayList<>();
        Part part = new Part(log);
        try (Simulation simulation = new Simulation("test")) {
            simulation.add(part);
            simulation.remove(part);
            simulation.step(1);
        }
        assertThat(log).isEmpty();
    }

    @Test
    void timeDoesNotGoBack() {
        try (Simulation simulation = new Simulation("test")) {
            simulation.step(5);
            simulation.step(5);
            assertThatThrownBy(() -> simulation.step(4)).hasMessageContaining("goes back");
            simulation.step(Long.MAX_VALUE);
            assertThatThrownBy(simulation::start).hasMessageContaining("beyond the clock");
        }
    }

    @Test
    void timeDoesNotGoBackWhenTheThreadIsStopped() {
        try (Simulation simulation = new Simulation("test")) {
            long before = System.nanoTime();
            simulation.start();
            simulation.execute(() -> {}); // it has begun
            simulation.execute(() -> {}); // and stepped
            simulation.stop();
            assertThatThrownBy(() -> simulation.step(before)).hasMessageContaining("goes back");
            simulation.step(System.nanoTime());
        }
    }

    @Test
    void framesRunBetweenTestersInTheThreadOfTheSimulation() {
        try (Simulation simulation = new Simulation("test")) {
            Wire wire = new Wire(WireConfig.standard().withLoss(0.1));
            Tester left = new Tester(wire.left(), TesterConfig.standard());
            Tester right = new Tester(wire.right(), TesterConfig.standard().withStream(2));
            right.sink().expect(left.source());
            simulation.add(wire);
            simulation.add(left);
            simulation.add(right);
            simulation.start();
            assertThatThrownBy(() -> simulation.step(0)).hasMessageContaining("runs by itself");
            simulation.execute(() -> left.source().start(20_000));
            while (right.sink().report().received() + wire.left().statistics().lost() < 20_000) {
                Thread.onSpinWait();
            }
            TestReport report = right.sink().report();
            assertThat(report.sent()).isEqualTo(20_000);
            assertThat(report.lost()).isEqualTo(wire.left().statistics().lost()).isPositive();
        }
    }

    @Test
    void errandsRunOnTheSimulationsThreadAndAtOnceWhereThereIsNone() {
        try (Simulation simulation = new Simulation("errands")) {
            AtomicReference<String> ran = new AtomicReference<>();
            Runnable errand = () -> ran.set(Thread.currentThread().getName());
            simulation.execute(errand);
            assertThat(ran.get()).isEqualTo(Thread.currentThread().getName());
            simulation.start();
            simulation.execute(() -> simulation.execute(errand)); // also from within
            assertThat(ran.get()).isEqualTo("errands");
            simulation.stop();
            simulation.execute(errand);
            assertThat(ran.get()).isEqualTo(Thread.currentThread().getName());
        }
    }

    @Test
    void whatAnErrandThrowsReachesWhoSentItAndHarmsNobodyElse() {
        try (Simulation simulation = new Simulation("test")) {
            simulation.start();
            RuntimeException mishap = new IllegalArgumentException("mishap");
            assertThatThrownBy(() -> simulation.execute(() -> {
                        throw mishap;
                    }))
                    .isSameAs(mishap);
            simulation.execute(simulation::check);
        }
    }

    @Test
    void whatAPartThrowsIsThrownAtEverybodyWhoAsks() throws InterruptedException {
        Simulation simulation = new Simulation("broken");
        CountDownLatch thrown = new CountDownLatch(1);
        Error mishap = new AssertionError("mishap");
        List<Object> log = new ArrayList<>();
        Part part = new Part(log);
        simulation.add(part);
        simulation.add(nowNanos -> {
            thrown.countDown();
            throw mishap;
        });
        simulation.start();
        thrown.await();
        assertThatThrownBy(simulation::stop).hasMessageContaining("broken").hasCause(mishap);
        assertThatThrownBy(simulation::check).hasCause(mishap);
        assertThatThrownBy(() -> simulation.execute(() -> log.add("never"))).hasCause(mishap);
        assertThatThrownBy(() -> simulation.step(Long.MAX_VALUE)).hasCause(mishap);
        assertThatThrownBy(simulation::start).hasCause(mishap);
        assertThatThrownBy(simulation::close).hasCause(mishap);
        assertThat(log).hasSize(2).endsWith(part); // stepped once, and closed all the same
    }

    @Test
    void itCannotStopItself() {
        try (Simulation simulation = new Simulation("test")) {
            simulation.start();
            assertThatThrownBy(() -> simulation.execute(simulation::stop)).hasMessageContaining("another thread");
        }
    }

    @Test
    void anIdleSimulationRests() {
        try (Simulation simulation = new Simulation("test")) {
            long[] steps = new long[1];
            simulation.add(nowNanos -> {
                steps[0]++;
                return false;
            });
            CountDownLatch over = new CountDownLatch(1);
            long[] end = new long[1];
            simulation.add(nowNanos -> {
                if (end[0] == 0) {
                    end[0] = nowNanos + 100_000_000;
                } else if (nowNanos > end[0]) {
                    over.countDown();
                }
                return false;
            });
            simulation.start();
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            simulation.stop();
            // 200 us of polling and naps of at least 10 us in 100 ms; a loop that never rests makes millions
            assertThat(steps[0]).isBetween(2L, 30_000L);
        }
    }
}
