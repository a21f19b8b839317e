package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.Test;

class PacketPoolTest {
    @Test
    void packetsComeAndGoLastInFirstOut() {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
            long first = pool.allocateCopy(new byte[] {1, 2, 3});
            assertThat(Packet.bytes(first)).containsExactly(1, 2, 3);
            Packet.release(first);
            assertThat(Packet.address(pool.allocate())).isEqualTo(Packet.address(first));
            Packet.release(first);
        }
    }

    @Test
    void aPacketReleasedTwiceIsAnError() {
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024)) {
            long packet = pool.allocate();
            Packet.release(packet);
            assertThatThrownBy(() -> Packet.release(packet)).hasMessageContaining("released twice");
        }
    }
}
