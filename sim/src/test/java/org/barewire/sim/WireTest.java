package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.barewire.core.memory.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final WireConfig UNLIMITED = WireConfig.standard().withRate(0);

    private final Scratch scratch = new Scratch();

    @AfterEach
    void free() {
        scratch.close();
    }

    /// Sends a frame that begins with a number.
    private void send(WireEnd end, long now, int number, int length) {
        Memory.fill(scratch.address(), length, (byte) 0x5A);
        Memory.putIntBe(scratch.address(), number);
        end.send(now, scratch.address(), length);
    }

    /// What arrives of `count` numbered frames, one sent each microsecond, and what the wire says of it.
    private record Run(List<Collector.Frame> frames, WireStatistics statistics) {
        List<Integer> numbers() {
            return frames.stream().map(Collector.Frame::number).toList();
        }
    }

    private Run run(WireConfig config, int count) {
        try (Wire wire = new Wire(config)) {
            new Collector(wire.left());
            Collector right = new Collector(wire.right());
            for (int i = 0; i < count; i++) {
                send(wire.left(), i * 1000L, i, 60);
                wire.step(i * 1000L);
            }
            wire.step(count * 1000L + 10_000_000);
            return new Run(right.frames, wire.left().statistics());
        }
    }

    /// Sends for a tenth of a second at full rate, stepping every `stepNanos`, and returns the frames sent.
    private long framesInATenth(WireConfig config, int length, long stepNanos) {
        try (Wire wire = new Wire(config)) {
            wire.left().connect((address, size, damaged) -> {});
            wire.right().connect((address, size, damaged) -> {});
            for (long now = 0; now < 100_000_000; now += stepNanos) {
                while (wire.left().canSend(now)) {
                    wire.left().send(now, scratch.address(), length);
                }
                wire.step(now);
            }
            return wire.left().statistics().sent();
        }
    }

    @Test
    void tenGigabitCarry14880953FramesOf64BytesASecond() {
        // one each 67.2 ns, the first at 0: IEEE 802.3's 14.88 Mpps
        assertThat(framesInATenth(WireConfig.standard(), 60, 1_000)).isEqualTo(999_990_000L / 672 + 1);
    }

    @Test
    void theRateHoldsOnAverageWhenStepsComeLate() {
        WireConfig gigabit = WireConfig.standard().withRate(1_000_000_000);
        assertThat(framesInATenth(gigabit, 60, 99_000)).isBetween(148_809L - 148, 148_809L);
    }

    @Test
    void aPauseBeyondTheSlackIsLineTimeLost() {
        WireConfig gigabit = WireConfig.standard().withRate(1_000_000_000);
        assertThat(framesInATenth(gigabit, 60, 200_000)).isBetween(74_000L, 75_000L);
    }

    @Test
    void anIdleSenderGetsNoBurst() {
        try (Wire wire = new Wire(WireConfig.standard().withRate(1_000_000_000))) {
            wire.step(0);
            wire.step(999_000);
            wire.step(1_000_000);
            int sent = 0;
            while (wire.left().canSend(1_000_000)) {
                wire.left().send(1_000_000, scratch.address(), 60);
                sent++;
            }
            assertThat(sent).isEqualTo(1);
        }
    }

    @Test
    void aFrameArrivesWhenItsLastByteAndTheDelayAreOver() {
        try (Wire wire = new Wire(WireConfig.standard().withRate(1_000_000_000).withDelay(5_000))) {
            Collector right = new Collector(wire.right());
            new Collector(wire.left());
            send(wire.left(), 0, 7, 101); // 125 bytes with framing: 1000 ns
            assertThat(wire.left().canSend(999)).isFalse();
            assertThat(wire.left().canSend(1_000)).isTrue();
            assertThat(wire.step(5_999)).isFalse();
            assertThat(wire.step(6_000)).isTrue();
            assertThat(right.numbers()).containsExactly(7);
            assertThat(right.frames.getFirst().length()).isEqualTo(101);
            assertThat(right.frames.getFirst().bytes().get(100)).isEqualTo((byte) 0x5A);
        }
    }

    @Test
    void bothDirectionsCarryAtOnce() {
        try (Wire wire = new Wire(UNLIMITED)) {
            Collector left = new Collector(wire.left());
            Collector right = new Collector(wire.right());
            send(wire.left(), 0, 1, 60);
            send(wire.right(), 0, 2, 60);
            wire.step(0);
            assertThat(right.numbers()).containsExactly(1);
            assertThat(left.numbers()).containsExactly(2);
        }
    }

    @Test
    void framesOfEveryLengthPassUnchangedAroundTheRing() {
        try (Wire wire = new Wire(UNLIMITED.withDelay(100))) {
            new Collector(wire.left());
            Collector right = new Collector(wire.right());
            int number = 0;
            for (int length = 4; length <= Wire.MAX_FRAME; length += 13) {
                send(wire.left(), number, number, length);
                wire.step(number); // up to 100 frames are under way
                number++;
            }
            wire.step(number + 100);
            assertThat(right.numbers())
                    .isEqualTo(IntStream.range(0, number).boxed().toList());
            for (Collector.Frame frame : right.frames) {
                assertThat(frame.length()).isEqualTo(4 + 13 * frame.number());
                assertThat(frame.bytes().get(frame.length() - 1)).isEqualTo(frame.number() == 0 ? 0 : (byte) 0x5A);
            }
        }
    }

    @Test
    void aFullWireTakesNoMore() {
        try (Wire wire = new Wire(UNLIMITED)) {
            new Collector(wire.left());
            Collector right = new Collector(wire.right());
            int number = 0;
            while (wire.left().canSend(0)) {
                send(wire.left(), 0, number++, Wire.MAX_FRAME);
            }
            assertThatThrownBy(() -> wire.left().send(0, scratch.address(), 60))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("canSend");
            wire.step(0);
            assertThat(wire.left().canSend(0)).isTrue();
            assertThat(right.numbers())
                    .isEqualTo(IntStream.range(0, number).boxed().toList());
            assertThat(number).isGreaterThan(20);
        }
    }

    @Test
    void emptyAndLongestFramesPassAndLongerOnesAreRefused() {
        try (Wire wire = new Wire(UNLIMITED)) {
            new Collector(wire.left());
            Collector right = new Collector(wire.right());
            wire.left().send(0, scratch.address(), 0);
            wire.left().send(0, scratch.address(), Wire.MAX_FRAME);
            wire.step(0);
            assertThat(right.frames).extracting(Collector.Frame::length).containsExactly(0, Wire.MAX_FRAME);
            assertThatThrownBy(() -> wire.left().send(0, scratch.address(), Wire.MAX_FRAME + 1))
                    .hasMessageContaining("16385");
        }
    }

    @Test
    void whatIsLostIsCountedAndNothingElseIsMissing() {
        Run run = run(WireConfig.standard().withLoss(0.1).withSeed(7), 10_000);
        assertThat(run.statistics.lost()).isBetween(900L, 1100L);
        assertThat(run.frames).hasSize((int) (10_000 - run.statistics.lost()));
        assertThat(run.numbers()).isSorted().doesNotHaveDuplicates();
        assertThat(run.statistics.delivered()).isEqualTo(run.frames.size());
        assertThat(run.statistics.inFlight()).isZero();
    }

    @Test
    void whatIsDuplicatedArrivesTwiceInARow() {
        Run run = run(WireConfig.standard().withDuplication(0.1), 10_000);
        assertThat(run.statistics.duplicated()).isBetween(900L, 1100L);
        assertThat(run.frames).hasSize((int) (10_000 + run.statistics.duplicated()));
        assertThat(run.numbers()).isSorted();
        assertThat(run.numbers().stream().distinct()).hasSize(10_000);
        assertThat(run.statistics.inFlight()).isZero();
    }

    @Test
    void whatIsReorderedArrivesAfterItsSuccessor() {
        Run run = run(WireConfig.standard().withReordering(0.1), 10_000);
        List<Integer> numbers = run.numbers();
        long descents = IntStream.range(1, numbers.size())
                .filter(i -> numbers.get(i) < numbers.get(i - 1))
                .count();
        assertThat(run.statistics.reordered()).isBetween(800L, 1000L).isEqualTo(descents);
        assertThat(numbers).hasSize(10_000).doesNotHaveDuplicates();
    }

    @Test
    void whatIsToBeOvertakenGoesOnAloneWhenNothingFollows() {
        try (Wire wire = new Wire(UNLIMITED.withReordering(1))) {
            new Collector(wire.left());
            Collector right = new Collector(wire.right());
            send(wire.left(), 0, 1, 60);
            wire.step(0);
            wire.step(999_999);
            assertThat(right.frames).isEmpty();
            wire.step(1_000_000);
            assertThat(right.numbers()).containsExactly(1);
            assertThat(wire.left().statistics().reordered()).isZero();
        }
    }

    @Test
    void whatIsCorruptedDiffersInOneBitAndIsMarked() {
        Run run = run(WireConfig.standard().withCorruption(0.1), 10_000);
        List<Collector.Frame> damaged =
                run.frames.stream().filter(Collector.Frame::damaged).toList();
        assertThat(damaged).hasSize((int) run.statistics.corrupted()).hasSizeBetween(900, 1100);
        for (int i = 0; i < 10_000; i++) {
            byte[] expected = new byte[60];
            Arrays.fill(expected, (byte) 0x5A);
            ByteBuffer.wrap(expected).putInt(i);
            int bits = 0;
            for (int at = 0; at < 60; at++) {
                bits += Integer.bitCount(
                        (expected[at] ^ run.frames.get(i).bytes().get(at)) & 0xFF);
            }
            assertThat(bits).isEqualTo(run.frames.get(i).damaged() ? 1 : 0);
        }
    }

    @Test
    void theSameSeedGivesTheSameFatesWhateverTheClockSays() {
        WireConfig config = WireConfig.standard()
                .withLoss(0.05)
                .withDuplication(0.05)
                .withReordering(0.05)
                .withCorruption(0.05);
        Run first = run(config, 5_000);
        Run slower = run(config.withRate(1_000_000_000).withDelay(777), 5_000);
        Run other = run(config.withSeed(2), 5_000);
        assertThat(slower.statistics).isEqualTo(first.statistics);
        assertThat(slower.frames)
                .extracting(Collector.Frame::bytes)
                .isEqualTo(first.frames.stream().map(Collector.Frame::bytes).toList());
        assertThat(other.statistics).isNotEqualTo(first.statistics);
    }

    @Test
    void theTwoDirectionsOfAWireHaveDifferentFates() {
        try (Wire wire = new Wire(UNLIMITED.withLoss(0.5))) {
            Collector left = new Collector(wire.left());
            Collector right = new Collector(wire.right());
            for (int i = 0; i < 100; i++) {
                send(wire.left(), i, i, 60);
                send(wire.right(), i, i, 60);
                wire.step(i);
            }
            assertThat(left.numbers()).isNotEqualTo(right.numbers());
        }
    }

    @Test
    void carrierFollowsPlugAndTransmitterOfTheOtherEnd() {
        try (Wire wire = new Wire(UNLIMITED)) {
            Collector left = new Collector(wire.left());
            assertThat(wire.left().carrier()).isFalse();
            new Collector(wire.right());
            assertThat(wire.left().carrier()).isTrue();
            wire.right().transmitter(false);
            wire.right().transmitter(false);
            assertThat(wire.left().carrier()).isFalse();
            assertThat(wire.right().carrier()).isTrue();
            wire.right().transmitter(true);
            wire.right().disconnect();
            assertThat(wire.left().carrier()).isFalse();
            assertThat(left.carrier).containsExactly(true, false, true, false);
        }
    }

    @Test
    void framesToOrFromAnUnpluggedEndAreLost() {
        try (Wire wire = new Wire(UNLIMITED)) {
            send(wire.left(), 0, 1, 60);
            wire.left().connect((address, length, damaged) -> {});
            send(wire.left(), 0, 2, 60);
            wire.step(0);
            assertThat(wire.left().statistics()).isEqualTo(new WireStatistics(2, 120, 2, 0, 0, 0, 0));
        }
    }

    @Test
    void anEndTakesOnePlug() {
        try (Wire wire = new Wire(UNLIMITED)) {
            new Collector(wire.left());
            assertThatThrownBy(() -> new Collector(wire.left())).hasMessageContaining("disconnect");
        }
    }

    @Test
    void aClosedWireCarriesNothingAndKeepsItsStatistics() {
        Wire wire = new Wire(UNLIMITED);
        new Collector(wire.left());
        new Collector(wire.right());
        send(wire.left(), 0, 1, 60);
        wire.close();
        wire.close();
        assertThat(wire.left().canSend(1)).isFalse();
        assertThat(wire.step(1)).isFalse();
        assertThat(wire.left().statistics().sent()).isEqualTo(1);
    }
}
