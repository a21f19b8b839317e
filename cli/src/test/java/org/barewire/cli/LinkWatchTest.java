package org.barewire.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.barewire.core.device.DeviceStatistics;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.drivers.SoftPort;
import org.junit.jupiter.api.Test;

class LinkWatchTest {
    private final Port a = new Port("memif:/run/a?secret=unsaid");
    private final Port b = new Port("memif:/run/b");
    private final List<String> told = new ArrayList<>();
    private final LinkWatch links = new LinkWatch(List.of(a, b), told::add);

    private void look(LinkState ofA) {
        a.link = ofA;
        links.look();
    }

    @Test
    void linksThatStayUpAreNotSpokenOf() {
        look(LinkState.up(0));
        look(LinkState.up(1_000_000));
        assertThat(told).isEmpty();
    }

    @Test
    void aLinkThatIsDownFromTheStartIsToldOfOnceForEachReason() {
        look(LinkState.down("nobody listens"));
        look(LinkState.down("nobody listens"));
        look(LinkState.down("wrong secret"));
        look(LinkState.up(0));
        assertThat(told)
                .containsExactly(
                        "memif:/run/a: no link: nobody listens",
                        "memif:/run/a: no link: wrong secret",
                        "memif:/run/a: the link is up");
    }

    @Test
    void aLinkThatGoesDownAndComesBackIsToldOfEachTime() {
        look(LinkState.up(0));
        look(LinkState.down("the peer has gone"));
        look(LinkState.up(0));
        look(LinkState.down("the peer has gone"));
        assertThat(told)
                .containsExactly(
                        "memif:/run/a: the link went down: the peer has gone",
                        "memif:/run/a: the link is up again",
                        "memif:/run/a: the link went down: the peer has gone");
    }

    @Test
    void aRemovedDeviceEndsTheRunWhichSaysWhy() {
        look(LinkState.up(0));
        assertThat(links.removed()).isFalse();
        look(LinkState.removed("it has been unplugged"));
        assertThat(links.removed()).isTrue();
        assertThat(told).isEmpty();
        assertThat(Endings.early(List.of(a, b))).containsExactly(a.name() + ": it has been unplugged");
    }

    @Test
    void aSentenceStaysWhereTheStatusIsOverwritten() {
        StringWriter out = new StringWriter();
        try (StatusLine status = new StatusLine(new PrintWriter(out), true)) {
            status.show("1 pps");
            status.tell("the link went down");
            status.show("0 pps");
        }
        assertThat(out.toString()).contains("1 pps\033[?7h\r\033[Kthe link went down\n\r\033[K");
    }

    /// Nothing but a link.
    private static final class Port extends SoftPort {
        LinkState link = LinkState.up(0);

        Port(String name) {
            super(name, 1500);
        }

        @Override
        public LinkState link() {
            return link;
        }

        @Override
        public String description() {
            return "a link";
        }

        @Override
        public int rxQueues() {
            return 0;
        }

        @Override
        public int txQueues() {
            return 0;
        }

        @Override
        public RxQueue rx(int index) {
            throw new UnsupportedOperationException();
        }

        @Override
        public TxQueue tx(int index) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected DeviceStatistics readStatistics() {
            return new DeviceStatistics(0, 0, 0, 0, 0, 0, 0, Map.of());
        }

        @Override
        protected void release() {}
    }
}
