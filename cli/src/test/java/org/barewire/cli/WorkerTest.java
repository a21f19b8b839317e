package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.barewire.core.linux.Numa;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkerTest {
    @Test
    void onlyAnAdaptiveWorkerSleepsWhenNothingMoves() throws InterruptedException {
        CountDownLatch slept = new CountDownLatch(1);
        CountDownLatch polled = new CountDownLatch(10_000);
        Worker.Loop idle = new Worker.Loop() {
            @Override
            public int poll() {
                polled.countDown();
                return 0;
            }

            @Override
            public void await(long nanos) {
                slept.countDown();
            }
        };
        int cpu = Cpus.available(Numa.NO_NODE).cpu(0);
        try (Worker polling = Worker.start("polling", cpu, idle)) {
            polled.await();
            assertThat(slept.getCount()).isEqualTo(1);
            polling.check();
        }
        try (Worker adaptive = Worker.start("adaptive", cpu, RxMode.ADAPTIVE, idle)) {
            slept.await();
            adaptive.check();
        }
    }

    @Test
    void allWorkersHaveEndedWhenAFailedOneIsReported() throws InterruptedException {
        AtomicInteger polls = new AtomicInteger();
        CountDownLatch polling = new CountDownLatch(1);
        int cpu = Cpus.available(Numa.NO_NODE).cpu(0);
        Worker failing = Worker.start("failing", cpu, () -> {
            throw new IllegalStateException("broken");
        });
        Worker healthy = Worker.start("healthy", cpu, () -> {
            polling.countDown();
            return polls.incrementAndGet();
        });
        polling.await();
        assertThatThrownBy(() -> Worker.closeAll(List.of(failing, healthy))).hasMessage("broken");
        int afterwards = polls.get();
        healthy.close(); // has ended, so that this neither waits nor lets it poll
        assertThat(polls).hasValue(afterwards);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("healthy");
    }
}
