package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.barewire.core.memory.Memory;
import org.junit.jupiter.api.Test;

class PacketBufferTest {
    @Test
    void framesComeOutInOrderWithTheirRecords() {
        try (Bench bench = new Bench()) {
            Random random = new Random(2);
            PacketBuffer buffer = new PacketBuffer(bench.rxBuffers, 8192);
            FrameInfo frame = new FrameInfo();
            ArrayDeque<Integer> expected = new ArrayDeque<>();
            int number = 0;
            int refused = 0;
            for (int i = 0; i < 100_000; i++) {
                int length = 60 + random.nextInt(1500);
                frame.hash = number;
                Memory.putInt(bench.txBuffers, number);
                if (random.nextBoolean()) {
                    if (buffer.add(frame, bench.txBuffers, length)) {
                        expected.add(number++);
                        expected.add(length);
                    } else {
                        refused++;
                    }
                } else if (!buffer.isEmpty()) {
                    int taken = buffer.peek(frame);
                    assertThat(frame.hash).isEqualTo(expected.remove());
                    assertThat(Memory.getInt(buffer.content())).isEqualTo(frame.hash);
                    assertThat(taken).isEqualTo(expected.remove());
                    buffer.remove();
                }
                assertThat(buffer.isEmpty()).isEqualTo(expected.isEmpty());
            }
            assertThat(refused).isPositive();
        }
    }
}
