package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrafficTest {
    @Test
    void aFrameIsSentAndItsDescriptorDone() {
        try (Bench bench = Bench.up()) {
            byte[] frame = Frames.broadcast(100);
            bench.send(frame);
            assertThat(bench.probe.frames).containsExactly(frame);
            assertThat(bench.txUpper(0) >>> 32 & 1).isEqualTo(1);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void aFrameIsReceivedAndItsDescriptorDone() {
        try (Bench bench = Bench.up()) {
            byte[] frame = Frames.broadcast(100);
            bench.receive(frame);
            assertThat(bench.rxUpper(0) & 3).isEqualTo(3);
            assertThat(bench.received(0)).isEqualTo(frame);
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }

    @Test
    void ringsWrapAround() {
        try (Bench bench = Bench.up()) {
            for (int i = 0; i < 3 * Bench.RING; i++) {
                byte[] frame = Frames.broadcast(60 + i);
                bench.receive(frame);
                assertThat(bench.received(i % Bench.RING)).isEqualTo(frame);
                bench.fillRxRing(1);
                bench.send(frame);
                assertThat(bench.probe.frames.removeLast()).isEqualTo(frame);
            }
            assertThat(bench.nic.complaints()).isEmpty();
        }
    }
}
