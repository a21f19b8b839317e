package org.barewire.drivers.memif;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.linux.EventFd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// When a sleeper looks at its ring, and when it wants to be woken.
class SleeperTest {
    private static final long LONG = 60_000_000_000L;

    private final RingMemory memory = RingMemory.create(4096);
    private final EventFd event = EventFd.create();
    private final Sleeper sleeper = new Sleeper();

    @AfterEach
    void close() {
        sleeper.close();
        event.close();
        memory.close();
    }

    /// A ring that has a packet from the `firstSeen`th look on.
    private final class Ring implements Receiver {
        private final Doorbell bell = new Doorbell(memory.address(), event);
        private final int firstSeen;
        private int looks;

        Ring(int firstSeen) {
            this.firstSeen = firstSeen;
        }

        @Override
        public boolean isWaiting() {
            assertThat(Layout.wantsInterrupt(memory.address())).isTrue();
            return ++looks >= firstSeen;
        }

        @Override
        public Doorbell bell() {
            return bell;
        }

        @Override
        public int receive(long[] packets, int from, int count) {
            return 0;
        }

        @Override
        public void close() {}
    }

    private void assertPolls() {
        assertThat(Layout.wantsInterrupt(memory.address())).isFalse();
    }

    @Test
    void aPacketThatIsThereNeedsNoSignal() {
        assertThat(sleeper.await(new Ring(1), LONG)).isTrue();
        assertPolls();
    }

    @Test
    void aPacketWhoseSenderMissedTheFlagIsSeenByTheSecondLook() {
        assertThat(sleeper.await(new Ring(2), LONG)).isTrue();
        assertPolls();
    }

    @Test
    void aSignalEndsTheSleepAndIsUsedUp() {
        Ring ring = new Ring(Integer.MAX_VALUE);
        event.signal();
        assertThat(sleeper.await(ring, LONG)).isTrue();
        assertPolls();
        assertThat(sleeper.await(ring, 1_000_000)).isFalse();
        assertThat(ring.looks).isEqualTo(3);
        assertPolls();
    }

    @Test
    void aChangeEndsTheSleepWhetherThereIsARingOrNone() {
        sleeper.wake();
        assertThat(sleeper.await(new Ring(Integer.MAX_VALUE), LONG)).isTrue();
        assertThat(sleeper.await(null, 1_000_000)).isFalse();
        sleeper.wake();
        assertThat(sleeper.await(null, LONG)).isTrue();
        assertThat(sleeper.await(null, 0)).isFalse();
    }
}
