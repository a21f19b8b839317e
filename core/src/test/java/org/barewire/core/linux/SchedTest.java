package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SchedTest {
    /// Affinity is the thread's, and the tests' own thread shall keep its.
    private static void onAThreadOfItsOwn(Runnable work) {
        CompletableFuture.runAsync(work, command -> Thread.ofPlatform().start(command))
                .join();
    }

    @Test
    void aPinnedThreadStaysOnItsCpu() {
        BitSet before = Sched.affinity();
        onAThreadOfItsOwn(() -> Sched.affinity().stream().forEach(cpu -> {
            Sched.pin(cpu);
            assertThat(Sched.currentCpu()).isEqualTo(cpu);
            assertThat(Sched.affinity().stream()).containsExactly(cpu);
        }));
        assertThat(Sched.affinity()).isEqualTo(before);
    }

    @Test
    void aThreadMayBeAllowedSeveralCpus() {
        onAThreadOfItsOwn(() -> {
            BitSet all = Sched.affinity();
            Sched.pin(all.nextSetBit(0));
            Sched.setAffinity(all);
            assertThat(Sched.affinity()).isEqualTo(all);
        });
    }

    @Test
    void aCpuThatIsNotThereIsAnError() {
        for (int cpu : new int[] {-1, 1024}) {
            assertThatThrownBy(() -> Sched.pin(cpu)).hasMessage("there is no CPU %d", cpu);
        }
        assertThatThrownBy(() -> Sched.pin(1023)).hasMessage("pin the thread to CPU {1023}: invalid argument (EINVAL)");
        assertThatThrownBy(() -> Sched.setAffinity(new BitSet())).hasMessageContaining("invalid argument (EINVAL)");
    }
}
