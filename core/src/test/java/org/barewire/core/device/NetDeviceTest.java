package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.Test;

class NetDeviceTest {
    @Test
    void aLinkIsWaitedForUntilItIsUpOrTheTimeIs() {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 1)) {
            FakeDevice device = new FakeDevice(new FakeQueues(pool));
            device.asksUntilUp = 3;
            assertThat(device.awaitLink(Duration.ofDays(1))).isTrue();
            device.asksUntilUp = Integer.MAX_VALUE;
            assertThat(device.awaitLink(Duration.ZERO)).isFalse();
            device.asksUntilUp = 1;
            assertThat(device.awaitLink(Duration.ofNanos(-1)))
                    .as("asked once more at the end")
                    .isTrue();
        }
    }

    @Test
    void aThreadThatIsInterruptedWaitsNoLonger() {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 1)) {
            FakeDevice device = new FakeDevice(new FakeQueues(pool));
            device.asksUntilUp = Integer.MAX_VALUE;
            Thread.currentThread().interrupt();
            assertThat(device.awaitLink(Duration.ofDays(1))).isFalse();
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
