package org.barewire.core.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PollTest {
    @Test
    void tellsWhichDescriptorSomethingHappenedTo() {
        try (EventFd quiet = EventFd.create();
                EventFd busy = EventFd.create()) {
            Poll poll = new Poll(3);
            poll.set(0, quiet.fd(), Poll.IN);
            poll.set(2, busy.fd(), Poll.IN);
            assertThat(poll.await(0)).isZero();
            busy.signal();
            assertThat(poll.await(-1)).isEqualTo(1);
            assertThat(poll.happened(0)).isZero();
            assertThat(poll.happened(1)).isZero();
            assertThat(poll.happened(2)).isEqualTo(Poll.IN);
        }
    }

    @Test
    void waitsForThePeerToGoAway() {
        List<UnixSocket> pair = UnixSocket.pair(UnixSocket.Type.STREAM);
        try (UnixSocket one = pair.getFirst()) {
            Poll poll = Poll.of(one.fd(), Poll.IN);
            assertThat(poll.await(1)).isZero();
            pair.getLast().close();
            assertThat(poll.await(-1)).isEqualTo(1);
            assertThat(poll.happened(0) & Poll.HUP).isNotZero();
        }
    }
}
