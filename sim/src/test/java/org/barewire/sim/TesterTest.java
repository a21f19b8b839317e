package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.barewire.core.memory.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TesterTest {
    private static final TesterConfig CONFIG = TesterConfig.standard();
    private static final long MILLI = 1_000_000;

    private final Simulation simulation = new Simulation("test");
    private long now;

    @AfterEach
    void close() {
        simulation.close();
    }

    /// Two testers at the ends of one wire; the right one checks what the left one sends.
    private final class Pair {
        final Wire wire;
        final Tester left;
        final Tester right;

        Pair(WireConfig wireConfig, TesterConfig config) {
            wire = new Wire(wireConfig);
            left = new Tester(wire.left(), config);
            right = new Tester(wire.right(), config.withStream(config.stream() + 1));
            right.sink().expect(left.source());
            simulation.add(wire);
            simulation.add(left);
            simulation.add(right);
        }

        WireStatistics wireStatistics() {
            return wire.left().statistics();
        }

        void sendAndSettle(long frames) {
            left.source().start(frames);
            settle();
        }

        void settle() {
            while (!left.sink().settled(now, 20 * MILLI) || !right.sink().settled(now, 20 * MILLI)) {
                advance(100_000, 1_000);
            }
        }
    }

    private void advance(long nanos, long step) {
        simulation.run(now, now + nanos, step);
        now += nanos;
    }

    @Test
    void everyFrameArrivesOnAPerfectWire() {
        Pair pair = new Pair(WireConfig.standard(), CONFIG);
        pair.sendAndSettle(10_000);
        TestReport report = pair.right.sink().report();
        assertThat(report.clean()).isTrue();
        assertThat(report.sent()).isEqualTo(10_000);
        assertThat(report.received()).isEqualTo(10_000);
        assertThat(report.sentBytes()).isEqualTo(600_000);
        assertThat(report.receivedBytes()).isEqualTo(600_000);
        assertThat(report.framesPerSecond()).isBetween(14.86e6, 14.90e6);
        assertThat(report.lineBitsPerSecond()).isBetween(9.99e9, 10.01e9);
        assertThat(report.bitsPerSecond()).isBetween(7.61e9, 7.63e9);
    }

    @Test
    void whatTheWireLosesIsReportedAsLost() {
        Pair pair = new Pair(WireConfig.standard().withLoss(0.01).withSeed(7), CONFIG);
        pair.sendAndSettle(50_000);
        TestReport report = pair.right.sink().report();
        assertThat(report.lost()).isEqualTo(pair.wireStatistics().lost()).isBetween(400L, 600L);
        assertThat(report.received()).isEqualTo(50_000 - report.lost());
        assertThat(report.duplicated() + report.reordered() + report.corrupted() + report.foreign())
                .isZero();
    }

    @Test
    @Tag("slow")
    void everythingAtOnceIsReportedAsItWasDone() {
        WireConfig bad = WireConfig.standard()
                .withLoss(0.02)
                .withDuplication(0.03)
                .withReordering(0.04)
                .withCorruption(0.05);
        for (int seed = 1; seed <= 20; seed++) {
            Pair pair = new Pair(bad.withSeed(seed), CONFIG.withSizes(FrameSizes.IMIX));
            pair.sendAndSettle(5_000);
            TestReport report = pair.right.sink().report();
            WireStatistics wire = pair.wireStatistics();
            assertThat(report.duplicated()).isEqualTo(wire.duplicated()).isPositive();
            assertThat(report.reordered()).isEqualTo(wire.reordered()).isPositive();
            assertThat(report.corrupted()).isEqualTo(wire.corrupted()).isPositive();
            assertThat(report.lost()).isEqualTo(wire.lost() + wire.corrupted());
            assertThat(report.foreign()).isZero();
        }
    }

    @Test
    @Tag("slow")
    void framesPerSecondAreExact() {
        Pair pair = new Pair(WireConfig.standard(), CONFIG.withLoad(Load.framesPerSecond(123_457)));
        pair.left.source().start();
        advance(1_000_000_000, 5_000);
        assertThat(pair.left.source().sent()).isBetween(123_456L, 123_458L);
        assertThat(pair.left.source().sendingNanos()).isEqualTo(999_995_000);
    }

    @Test
    @Tag("slow")
    void bitsPerSecondCountTheFraming() {
        Pair pair = new Pair(
                WireConfig.standard(), CONFIG.withSizes(FrameSizes.IMIX).withLoad(Load.bitsPerSecond(1_000_000_000)));
        pair.left.source().start();
        advance(1_000_000_000, 5_000);
        long bits =
                8 * (pair.left.source().sentBytes() + 24 * pair.left.source().sent());
        assertThat(bits).isBetween(999_980_000L, 1_000_020_000L);
    }

    @Test
    void aLatePauseIsMadeUpForButNotAnHour() {
        Pair pair = new Pair(WireConfig.standard(), CONFIG.withLoad(Load.framesPerSecond(100_000)));
        pair.left.source().start();
        advance(10 * MILLI, 10_000);
        now += 5 * MILLI;
        advance(10 * MILLI, 10_000);
        assertThat(pair.left.source().sent()).isBetween(2_499L, 2_501L);
        now += 3_600_000 * MILLI;
        advance(10 * MILLI, 10_000);
        assertThat(pair.left.source().sent()).isBetween(4_400L, 4_600L);
    }

    @Test
    void aLoadIsReadInFramesOrBits() {
        assertThat(Load.parse("1.5mpps")).isEqualTo(Load.framesPerSecond(1_500_000));
        assertThat(Load.parse("100pps")).isEqualTo(Load.framesPerSecond(100));
        assertThat(Load.parse("2.5g")).isEqualTo(Load.bitsPerSecond(2_500_000_000L));
        assertThat(Load.parse("unlimited")).isEqualTo(Load.full());
        assertThatThrownBy(() -> Load.parse("mpps")).hasMessageContaining("'mpps' is not a rate");
        assertThatThrownBy(() -> Load.parse("9999g")).hasMessageContaining("'9999g' is not a rate");
        assertThatThrownBy(() -> Load.parse("1x")).hasMessageContaining("'1x' is not a rate");
    }

    @Test
    void imixIsSevenToFourToOne() {
        int[] counts = new int[1515];
        for (long sequence = 0; sequence < 12_000; sequence++) {
            counts[FrameSizes.IMIX.size(sequence)]++;
        }
        assertThat(counts[60]).isEqualTo(7_000);
        assertThat(counts[594]).isEqualTo(4_000);
        assertThat(counts[1514]).isEqualTo(1_000);
        assertThat(FrameSizes.parse("imix")).isSameAs(FrameSizes.IMIX);
        assertThat(FrameSizes.parse("1514").size(99)).isEqualTo(1514);
        assertThatThrownBy(() -> FrameSizes.parse("59")).hasMessageContaining("60 to 16000");
        assertThatThrownBy(() -> FrameSizes.parse("small")).hasMessageContaining("imix");
    }

    @Test
    void framesTooSmallForTheirHeadersGrow() {
        Pair pair = new Pair(
                WireConfig.standard(),
                CONFIG.withHeaders(ProbeHeaders.standard().withIpv6(true).withVlan(9)));
        pair.sendAndSettle(100);
        assertThat(pair.right.sink().report().clean()).isTrue();
        assertThat(pair.right.sink().report().sentBytes()).isEqualTo(8_400);
    }

    @Test
    void aWindowIsNeverExceeded() {
        WireConfig slow = WireConfig.standard().withDelay(100_000).withReordering(0.1);
        Pair pair = new Pair(slow, CONFIG.withLoad(Load.full().withWindow(32)));
        pair.left.source().start(10_000);
        long most = 0;
        while (pair.left.source().isSending()) {
            advance(1_000, 1_000);
            TestReport report = pair.right.sink().report();
            most = Math.max(most, report.sent() - report.received());
        }
        pair.settle();
        assertThat(most).isEqualTo(32);
        assertThat(pair.right.sink().report().received()).isEqualTo(10_000);
        assertThat(now).isGreaterThan(10_000 / 32 * 100_000L);
    }

    @Test
    void aClosedLoopGoesOnWhenAllOfAWindowIsLost() {
        Pair pair = new Pair(
                WireConfig.standard().withLoss(1), CONFIG.withLoad(Load.full().withWindow(8)));
        pair.left.source().start();
        advance(MILLI, 1_000);
        assertThat(pair.left.source().sent()).isEqualTo(8);
        advance(980 * MILLI, 100_000);
        assertThat(pair.left.source().sent()).isEqualTo(8);
        advance(20 * MILLI, 100_000);
        assertThat(pair.left.source().sent()).isEqualTo(16);
        advance(10_000 * MILLI, 100_000);
        assertThat(pair.left.source().sent()).isBetween(88L, 96L);
    }

    @Test
    @Tag("slow")
    void aClosedLoopSurvivesLossAndStaysExact() {
        Pair pair = new Pair(
                WireConfig.standard().withLoss(0.3), CONFIG.withLoad(Load.full().withWindow(4)));
        pair.sendAndSettle(3_000);
        assertThat(pair.right.sink().report().lost())
                .isEqualTo(pair.wireStatistics().lost());
        assertThat(pair.right.sink().report().sent()).isEqualTo(3_000);
    }

    @Test
    void aWindowNeedsASinkThatExpectsTheSource() {
        Wire wire = new Wire(WireConfig.standard());
        Tester alone = new Tester(wire.left(), CONFIG.withLoad(Load.full().withWindow(4)));
        simulation.add(wire);
        simulation.add(alone);
        assertThatThrownBy(() -> alone.source().start()).hasMessageContaining("expect");
    }

    @Test
    void theMeasuredIntervalGoesByNumbersAndNotByTime() {
        WireConfig bad = WireConfig.standard().withDelay(300_000).withLoss(0.1).withDuplication(0.1);
        Pair pair = new Pair(bad, CONFIG.withLoad(Load.framesPerSecond(1_000_000)));
        pair.left.source().start();
        advance(MILLI, 1_000);
        WireStatistics before = pair.wireStatistics();
        assertThat(before.inFlight()).isGreaterThan(200);
        pair.right.sink().mark();
        assertThat(pair.right.sink().report().sent()).isZero();
        advance(5 * MILLI, 1_000);
        pair.left.source().stop();
        pair.settle();
        TestReport report = pair.right.sink().report();
        WireStatistics after = pair.wireStatistics();
        assertThat(report.sent()).isEqualTo(after.sent() - before.sent());
        assertThat(report.lost()).isEqualTo(after.lost() - before.lost());
        assertThat(report.duplicated()).isEqualTo(after.duplicated() - before.duplicated());
        assertThat(report.seconds()).isBetween(0.0049, 0.0051);
    }

    @Test
    void latencyIsThatOfTheWire() {
        Pair pair = new Pair(
                WireConfig.standard().withDelay(50_000).withDuplication(0.5),
                CONFIG.withLoad(Load.framesPerSecond(100_000)));
        List<Long> latencies = new ArrayList<>();
        pair.right.sink().recordLatency(latencies::add);
        pair.sendAndSettle(100);
        assertThat(latencies).hasSize(100).allSatisfy(nanos -> assertThat(nanos).isBetween(50_000L, 51_000L));
    }

    @Test
    void framesOfOthersAreForeign() {
        Pair pair = new Pair(WireConfig.standard().withRate(0), CONFIG);
        pair.sendAndSettle(10);
        try (Scratch scratch = new Scratch()) {
            ProbeSink sink = pair.right.sink();
            Memory.fill(scratch.address(), 60, (byte) 1);
            sink.accept(now, scratch.address(), 60, false); // no probe
            new ProbeWriter(ProbeHeaders.standard(), 99).write(scratch.address(), 60, 3, now);
            sink.accept(now, scratch.address(), 60, false); // nobody's stream
            new ProbeWriter(ProbeHeaders.standard(), CONFIG.stream()).write(scratch.address(), 60, 10, now);
            sink.accept(now, scratch.address(), 60, false); // never sent
            assertThat(sink.report().foreign()).isEqualTo(3);
            new ProbeWriter(ProbeHeaders.standard(), CONFIG.stream()).write(scratch.address(), 60, 9, now);
            sink.accept(now, scratch.address(), 60, false);
            assertThat(sink.report().duplicated()).isEqualTo(1);
            Memory.putByte(scratch.address() + 59, (byte) 0x5A);
            sink.accept(now, scratch.address(), 60, false);
            assertThat(sink.report().corrupted()).isEqualTo(1);
            assertThat(sink.report().received()).isEqualTo(10);
        }
    }

    @Test
    void aSinkCopesWithAnything() {
        Pair pair = new Pair(WireConfig.standard().withRate(0), CONFIG);
        pair.sendAndSettle(10);
        Random random = new Random(11);
        try (Scratch scratch = new Scratch()) {
            for (int i = 0; i < 100_000; i++) {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                pair.right.sink().accept(now, scratch.putAtEnd(bytes), bytes.length, false);
            }
        }
        assertThat(pair.right.sink().report().foreign()).isEqualTo(100_000);
    }

    @Test
    void twoDirectionsAreTwoStreams() {
        Pair pair = new Pair(WireConfig.standard(), CONFIG);
        pair.left.sink().expect(pair.right.source());
        pair.right.source().start(3_000);
        pair.sendAndSettle(2_000);
        TestReport both = pair.left.sink().report().plus(pair.right.sink().report());
        assertThat(both.clean()).isTrue();
        assertThat(both.received()).isEqualTo(5_000);
    }

    @Test
    void aSourceIsExpectedOnceAndAStreamToo() {
        Pair pair = new Pair(WireConfig.standard(), CONFIG);
        assertThatThrownBy(() -> pair.right.sink().expect(pair.left.source()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pair.left.sink().expect(pair.left.source())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Tag("unchecked") // checked memory looks regions up, which allocates
    void aMillionFramesAllocateNothing() {
        WireConfig bad = WireConfig.standard()
                .withLoss(0.01)
                .withDuplication(0.01)
                .withReordering(0.01)
                .withCorruption(0.01);
        Pair pair = new Pair(bad, CONFIG.withLoad(Load.full().withWindow(1000)));
        long[] latencies = new long[1];
        pair.right.sink().recordLatency(nanos -> latencies[0] += nanos);
        pair.left.source().start();
        advance(70 * MILLI, 1_000); // compiled by then
        long before = pair.left.source().sent();
        Allocation.assertNone(() -> advance(70 * MILLI, 1_000));
        assertThat(pair.left.source().sent() - before).isGreaterThan(1_000_000);
    }
}
