package org.barewire.guest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Interrupts of QEMU's cards, by MSI-X, by a line or not at all, wake a thread that sleeps at a receive
/// queue.
@Tag("guest")
class InterruptGuestTest {
    private static final int WINDOW = 64;

    private static Guest guest;
    private static AgentSession agent;

    /// The cards of the guest.
    enum Card {
        E1000E("0000:00:10.0", 0),
        E1000("0000:00:11.0", 1),
        IGB("0000:01:00.0", 2);

        final String address;
        final int wire;

        Card(String address, int wire) {
            this.address = address;
            this.wire = wire;
        }

        Wire wire() {
            return guest.wire(wire);
        }

        Frames frames(int count) {
            return new Frames(count, 60, 1514, 1 + wire, wire().guestAddress());
        }
    }

    @BeforeAll
    static void boot() {
        guest = Guest.builder("interrupts")
                .qemu11()
                .iommu()
                .hugePages(64)
                .qemu("-device", "pcie-root-port,id=port1,chassis=1,bus=pcie.0,addr=0x8")
                .nic("e1000e", "")
                .nic("e1000", "")
                .nic("igb", "bus=port1")
                .boot();
        agent = guest.agent();
    }

    @AfterAll
    static void end() {
        guest.close();
    }

    @AfterEach
    void noDeviceHasReachedForMemoryThatIsNotItsOwn() {
        assertThat(guest.dmaFaults()).isEmpty();
    }

    private Reply doze(Card card, Frames frames, boolean evenly) {
        agent.ask("open nic " + card.address);
        agent.ask("link nic");
        agent.begin("doze nic");
        Report report =
                evenly ? card.wire().echoEvenly(frames, 100) : card.wire().echoBursts(frames, WINDOW);
        agent.begin("stop");
        Reply reply = agent.end();
        agent.ask("close nic");
        assertThat(report.complaint()).isEmpty();
        assertThat(reply.number("received")).isEqualTo(frames.count());
        assertThat(reply.number("stuck")).isZero();
        assertThat(reply.number("sleeps")).isPositive();
        return reply;
    }

    @ParameterizedTest
    @EnumSource
    void ofFramesInBurstsNoneIsLostAndNoneStuck(Card card) {
        doze(card, card.frames(20_000), false);
    }

    /// Where a vector is left for it the card interrupts; else the driver looks fifty times a second. Nobody
    /// looks less than once a second, which would take five seconds in the mean.
    @ParameterizedTest
    @EnumSource
    void aChangeOfTheLinkIsSeenSoon(Card card) {
        agent.ask("open nic " + card.address);
        long nanos = 0;
        for (int i = 0; i < 10; i++) {
            assertThat(agent.ask("link nic").number("up")).isOne();
            agent.begin("link-change nic");
            guest.run("sleep 0.1").orFail(); // so that it waits by then
            long start = System.nanoTime();
            guest.monitor("set_link wire%d off".formatted(card.wire));
            assertThat(agent.end().number("up")).isZero();
            nanos += System.nanoTime() - start;
            guest.monitor("set_link wire%d on".formatted(card.wire));
        }
        agent.ask("close nic");
        assertThat(nanos).isLessThan(2_000_000_000L);
    }

    @ParameterizedTest
    @EnumSource
    void aHundredFramesASecondLetTheThreadSleep(Card card) {
        Reply reply = doze(card, card.frames(200), true);
        assertThat(reply.number("sleeps")).isGreaterThan(100); // what that spares shows only outside of an emulation
    }
}
