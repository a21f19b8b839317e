package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.Relay;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The in-place relay between simulated cards, with testers at the far ends.
class IxgbeRelayTest {
    private static final long PATIENCE = 30_000_000_000L;

    private final Simulation simulation = SimPorts.simulation();
    private int regions;

    @BeforeEach
    void countMemory() {
        NetDevice.open("sim:warm").close(); // ring space stays
        regions = PacketMemory.standard().regions().size();
    }

    @AfterEach
    void noRuleIsBrokenAndAllMemoryIsHome() {
        assertThat(SimPorts.complaints()).isEmpty();
        assertThat(PacketMemory.standard().regions().size()).isLessThanOrEqualTo(regions + 1); // of rings
    }

    @Test
    @Tag("slow")
    void noneOfManyProbesIsLost() {
        relayOneWay(300_000);
    }

    @Test
    void probesAreRelayed() {
        relayOneWay(5_000);
    }

    private void relayOneWay(int frames) {
        try (NetDevice a = open("sim:a?window=128");
                NetDevice b = open("sim:b");
                Relay relay = a.relay(0, List.of(b), 0, p -> PacketHandler.send(p, 1))) {
            assertThat(relay.inPlace()).isTrue();
            start("sim:a", "sim:b", frames);
            ProbeSink sink = tester("sim:b").sink();
            poll(() -> sink.settled(System.nanoTime(), 100_000_000), relay);
            assertThat(sink.report().received()).isEqualTo(frames);
            assertThat(sink.report().clean()).isTrue();
            assertThat(relay.received().packets()).isEqualTo(frames);
            assertThat(relay.sent(0).packets()).isEqualTo(frames);
            assertThat(b.statistics().txPackets()).isEqualTo(frames);
        }
    }

    @Test
    void bothDirectionsAreRelayed() {
        try (NetDevice a = open("sim:a?window=64");
                NetDevice b = open("sim:b?window=64");
                Relay right = a.relay(0, List.of(b), 0, p -> PacketHandler.send(p, 1));
                Relay left = b.relay(0, List.of(a), 0, p -> PacketHandler.send(p, 1))) {
            start("sim:a", "sim:b", 3_000);
            start("sim:b", "sim:a", 3_000);
            ProbeSink first = tester("sim:b").sink();
            ProbeSink second = tester("sim:a").sink();
            poll(
                    () -> first.settled(System.nanoTime(), 100_000_000)
                            && second.settled(System.nanoTime(), 100_000_000),
                    right,
                    left);
            assertThat(first.report().plus(second.report()).received()).isEqualTo(6_000);
            assertThat(first.report().plus(second.report()).clean()).isTrue();
        }
    }

    @Test
    void aFloodGoesToAllOutputsAndWhatIsDroppedToNone() {
        int[] count = new int[1];
        try (NetDevice a = open("sim:a?rate=100m");
                NetDevice b = open("sim:b");
                NetDevice c = open("sim:c");
                Relay relay = a.relay(0, List.of(b, c), 0, p -> switch (count[0]++ & 3) {
                    case 0 -> PacketHandler.send(p, 1);
                    case 1 -> PacketHandler.send(p, 2);
                    case 2 -> PacketHandler.send(p, 3);
                    default -> PacketHandler.DROP;
                })) {
            flow("sim:a");
            poll(() -> count[0] >= 4_000, relay);
            simulation.execute(() -> tester("sim:a").source().stop());
            idle(relay);
            long n = count[0];
            long toB = (n + 3) / 4 + (n + 1) / 4;
            long toC = (n + 2) / 4 + (n + 1) / 4;
            assertThat(relay.received().packets()).isEqualTo(n);
            assertThat(relay.sent(0).packets()).isEqualTo(toB);
            assertThat(relay.sent(1).packets()).isEqualTo(toC);
            assertThat(b.statistics().txPackets()).isEqualTo(toB);
            assertThat(c.statistics().txPackets()).isEqualTo(toC);
        }
    }

    @Test
    void aPacketMayBeShortened() {
        try (NetDevice a = open("sim:a?size=1000&rate=100m");
                NetDevice b = open("sim:b");
                Relay relay = a.relay(0, List.of(b), 0, p -> PacketHandler.send(p, 100, 1))) {
            flow("sim:a");
            poll(() -> relay.received().packets() >= 1_000, relay);
            simulation.execute(() -> tester("sim:a").source().stop());
            idle(relay);
            assertThat(b.statistics().txBytes())
                    .isEqualTo(100 * relay.received().packets());
        }
    }

    @Test
    void damagedFramesAreNotRelayed() {
        try (NetDevice a = open("sim:a?size=100&rate=100m&corruption=0.2");
                NetDevice b = open("sim:b");
                Relay relay = a.relay(0, List.of(b), 0, p -> PacketHandler.send(p, 1))) {
            simulation.execute(
                    () -> tester("sim:b").sink().expect(tester("sim:a").source()));
            flow("sim:a");
            poll(() -> relay.received().packets() >= 1_000, relay);
            simulation.execute(() -> tester("sim:a").source().stop());
            idle(relay);
            poll(() -> b.statistics().txPackets() == relay.received().packets(), relay);
            assertThat(a.statistics().rxErrors()).isPositive();
        }
    }

    @Test
    void anOutputThatStallsHoldsUpAndGoesOn() {
        try (NetDevice a = open("sim:a?rate=100m");
                NetDevice b = open("sim:b");
                Relay relay = a.relay(0, List.of(b), 0, p -> PacketHandler.send(p, 1))) {
            WireEnd far = SimPorts.wire("sim:b").orElseThrow().right();
            flow("sim:a");
            poll(() -> relay.received().packets() > 1_000, relay);
            simulation.execute(() -> far.transmitter(false));
            poll(() -> a.statistics().rxMissed() > 0, relay);
            long stalled = relay.received().packets();
            assertThat(relay.poll(64)).isZero();
            simulation.execute(() -> far.transmitter(true));
            poll(() -> relay.received().packets() > stalled + 5_000, relay);
            simulation.execute(() -> tester("sim:a").source().stop());
            idle(relay);
            poll(() -> b.statistics().txPackets() == relay.received().packets(), relay);
        }
    }

    @Test
    void itClosesWhileTrafficRuns() {
        for (int i = 0; i < 3; i++) {
            try (NetDevice a = open("sim:a?rate=100m");
                    NetDevice b = open("sim:b")) {
                Relay relay = a.relay(0, List.of(b), 0, p -> PacketHandler.send(p, 1));
                flow("sim:a");
                poll(() -> relay.received().packets() > 200, relay);
                relay.close();
                relay.close();
                assertThat(a.rx(0).receive(new long[1], 0, 0)).isZero();
            }
        }
    }

    @Test
    void anOutputMayBeClosedFirst() {
        NetDevice a = open("sim:a?rate=100m");
        NetDevice b = open("sim:b");
        Relay relay = a.relay(0, List.of(b), 0, p -> PacketHandler.send(p, 1));
        flow("sim:a");
        poll(() -> relay.received().packets() > 200, relay);
        b.close();
        assertThatCode(relay::close).doesNotThrowAnyException();
        assertThat(Packet.length(a.rx(0).pool().allocate())).isZero();
        a.close();
    }

    private static NetDevice open(String name) {
        NetDevice device = NetDevice.open(name);
        assertThat(device.awaitLink(Duration.ofSeconds(5))).isTrue();
        return device;
    }

    private static Tester tester(String name) {
        return SimPorts.tester(name).orElseThrow();
    }

    /// Sends without end, at the wire's rate.
    private void flow(String from) {
        simulation.execute(() -> tester(from).source().start());
    }

    private void start(String from, String to, int frames) {
        simulation.execute(() -> {
            tester(to).sink().expect(tester(from).source());
            tester(from).source().start(frames);
        });
    }

    /// Polls until it is so.
    private static void poll(BooleanSupplier done, Relay... relays) {
        long start = System.nanoTime();
        int polls = 0;
        while ((++polls & 63) != 0 || !done.getAsBoolean()) {
            int moved = 0;
            for (Relay relay : relays) {
                moved += relay.poll(32);
            }
            if (moved == 0) {
                Thread.onSpinWait();
            }
            if (System.nanoTime() - start > PATIENCE) {
                throw new AssertionError("in vain, after " + relays[0].received());
            }
        }
    }

    /// Polls until nothing has come for a while.
    private static void idle(Relay relay) {
        long last = System.nanoTime();
        while (System.nanoTime() - last < 50_000_000) {
            if (relay.poll(32) > 0) {
                last = System.nanoTime();
            }
        }
    }
}
