package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Random;
import org.barewire.core.memory.Memory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FrameRingTest {
    private record Frame(int length, int marks, long dueNanos) {}

    @Test
    void framesComeOutAsTheyWentInHoweverOftenTheRingIsFilled() {
        FrameRing ring = new FrameRing(128 << 10);
        ArrayDeque<Frame> expected = new ArrayDeque<>();
        Random random = new Random(5);
        int fillings = 0;
        for (int i = 0; i < 20_000; i++) {
            if (random.nextBoolean() && ring.hasRoom()) {
                int longest = random.nextInt(8) == 0 ? Wire.MAX_FRAME : 200;
                Frame frame = new Frame(random.nextInt(longest + 1), random.nextInt(8), random.nextLong());
                long bytes = FrameRing.bytes(ring.add(frame.dueNanos, frame.length, frame.marks));
                Memory.fill(bytes, frame.length, (byte) frame.dueNanos);
                expected.add(frame);
                fillings += ring.hasRoom() ? 0 : 1;
            } else if (!ring.hasRoom() || random.nextInt(10) < 8) {
                take(ring, expected.poll());
            }
        }
        while (!expected.isEmpty()) {
            take(ring, expected.poll());
        }
        assertThat(ring.first()).isZero();
        assertThat(fillings).isGreaterThan(100);
        ring.free();
    }

    private static void take(FrameRing ring, @Nullable Frame expected) {
        long record = ring.first();
        if (expected == null) {
            assertThat(record).isZero();
            return;
        }
        assertThat(new Frame(FrameRing.length(record), FrameRing.marks(record), FrameRing.dueNanos(record)))
                .isEqualTo(expected);
        for (byte value : Scratch.bytes(FrameRing.bytes(record), expected.length)) {
            assertThat(value == (byte) expected.dueNanos).isTrue();
        }
        ring.removeFirst();
    }

    @Test
    @Tag("checked")
    void theMemoryOfAFreedRingIsGone() {
        FrameRing ring = new FrameRing(128 << 10);
        long record = ring.add(1, 60, 0);
        ring.free();
        assertThatThrownBy(() -> FrameRing.length(record)).hasMessageContaining("not in mapped memory");
    }
}
