package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import org.barewire.core.device.LinkState;
import org.barewire.core.device.RssConfig;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.EventFd;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Interrupts of the ixgbe driver's receive queues, on a model that is stepped by hand.
class IxgbeInterruptTest {
    private static final long THROTTLE = 20_000;
    private static final byte[] FRAME = FrameBuilder.ethernet()
            .ipv4("192.0.2.1", "192.0.2.2")
            .udp(1, 2)
            .length(60)
            .build();

    private final IxgbeBench bench = new IxgbeBench();
    private final ModelInterrupts interrupts = new ModelInterrupts(bench.nic, Runnable::run, 64);
    private final Ixgbe card = bench.open(bench.config(), interrupts);
    private final RxQueue rx = card.rx(0);
    private final EventFd event = interrupts.event(0);

    @BeforeEach
    void receiveAll() {
        card.setPromiscuous(true);
        bench.step();
    }

    @AfterEach
    void noRuleIsBroken() {
        card.close();
        bench.close();
    }

    private void take(int expected) {
        long[] packets = new long[expected + 1];
        assertThat(rx.receive(packets)).isEqualTo(expected);
        PacketPool.release(packets, 0, expected);
    }

    @Test
    void aPacketThatWaitsEndsTheWaitAtOnce() {
        assertThat(rx.await(0)).isFalse();
        bench.arrive(FRAME);
        assertThat(rx.await(1_000_000_000)).isTrue();
        take(1);
    }

    @Test
    void aQueueThatIsPolledIsNotInterrupted() {
        for (int i = 0; i < 40; i++) {
            bench.arrive(FRAME);
            take(1);
        }
        assertThat(event.drain()).isFalse();
    }

    @Test
    void aQueueThatWaitsIsInterruptedOnce() {
        assertThat(rx.await(0)).isFalse();
        bench.arrive(FRAME);
        assertThat(event.drain()).isTrue();
        for (int i = 0; i < 40; i++) {
            bench.arrive(FRAME);
        }
        assertThat(event.drain()).isFalse();
        take(41);
    }

    @Test
    void aPacketThatCameUnseenInterruptsWhenTheQueueWaits() {
        assertThat(rx.await(0)).isFalse();
        bench.arrive(FRAME);
        assertThat(event.drain()).isTrue();
        take(1);
        bench.arrive(FRAME); // after the last look at the ring
        assertThat(event.drain()).isFalse();
        assertThat(rx.await(0)).isTrue();
        bench.run(2 * THROTTLE);
        assertThat(event.drain()).isTrue();
        take(1);
    }

    @Test
    void noInterruptComesSoonerThanTheThrottleAllowsAndNoneLater() {
        assertThat(rx.await(0)).isFalse();
        bench.arrive(FRAME);
        assertThat(event.drain()).isTrue();
        long first = bench.now;
        take(1);
        rx.await(0);
        bench.arrive(FRAME);
        while (!event.drain()) {
            assertThat(bench.now - first).isLessThanOrEqualTo(THROTTLE + 3_000);
            bench.step();
        }
        assertThat(bench.now - first).isGreaterThanOrEqualTo(THROTTLE - 3_000);
        take(1);
    }

    @Test
    void aChangeOfTheLinkInterruptsOnceItIsAwaited() {
        EventFd change = interrupts.event(1); // after the queue's
        LinkState up = card.link();
        bench.nic.insertModule(false);
        bench.step();
        assertThat(change.drain()).isFalse();
        LinkState down = card.awaitLinkChange(up, Duration.ofSeconds(1));
        assertThat(down.up()).isFalse();
        assertThat(card.awaitLinkChange(down, Duration.ofMillis(1))).isEqualTo(down);
        bench.nic.insertModule(true);
        bench.run(1_000_000_000);
        assertThat(change.drain()).isTrue();
        assertThat(card.awaitLinkChange(down, Duration.ofSeconds(1))).isEqualTo(up);
        assertThat(event.drain()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 14, 15})
    void eachQueueHasAnInterruptOfItsOwn(int queue) { // RSS reaches 16 queues (7.1.2.8)
        card.close();
        ModelInterrupts all = new ModelInterrupts(bench.nic, Runnable::run, 64);
        RssConfig rss = new RssConfig(
                RssConfig.standard().key(),
                RssConfig.standard().fields(),
                Collections.nCopies(RssConfig.TABLE_ENTRIES, queue));
        try (Ixgbe many =
                bench.open(bench.config().withQueues(64).withPoolSize(128).withRss(rss), all)) {
            for (int i = 0; i < 64; i++) {
                many.rx(i).await(0);
            }
            many.setPromiscuous(true);
            bench.step();
            bench.arrive(FRAME);
            for (int i = 0; i < 64; i++) {
                assertThat(all.event(i).drain()).as("queue %d", i).isEqualTo(i == queue);
            }
            long[] packets = new long[2];
            assertThat(many.rx(queue).receive(packets)).isEqualTo(1);
            Packet.release(packets[0]);
        }
    }
}
