package org.barewire.core.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.barewire.core.device.PacketHandler.DROP;

import java.util.Collections;
import java.util.List;
import org.barewire.core.linux.Numa;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueueRelayTest {
    private static final int SLOTS = 256;

    private final PacketMemory memory =
            new PacketMemory(PacketMemory.Layout.LINEAR, PacketMemory.Pages.NORMAL, Numa.NO_NODE);
    private final PacketPool pool = PacketPool.create(memory, SLOTS);
    private final FakeQueues in = new FakeQueues(pool);
    private final List<FakeQueues> out = List.of(new FakeQueues(pool), new FakeQueues(pool), new FakeQueues(pool));

    @AfterEach
    void everyPacketComesHome() {
        out.forEach(FakeQueues::takeSent);
        in.arriving.forEach(Packet::release);
        assertThat(pool.available()).isEqualTo(SLOTS);
        memory.close();
    }

    private Relay relay(PacketHandler handler) {
        return new FakeDevice(in).relay(0, out.stream().map(FakeDevice::new).toList(), 0, handler);
    }

    private void arrive(int packets) {
        for (int i = 0; i < packets; i++) {
            in.arriving.add(pool.allocateCopy(new byte[] {(byte) i, 2, 3, 4}));
        }
    }

    @Test
    void aPacketGoesWhereTheHandlerSays() {
        arrive(4);
        Relay relay = relay(packet -> PacketHandler.send(packet, 1 << Packet.getByte(packet, 0) % 3));
        assertThat(relay.poll(64)).isEqualTo(4);
        assertThat(out.get(0).takeSent()).containsExactly(new byte[] {0, 2, 3, 4}, new byte[] {3, 2, 3, 4});
        assertThat(out.get(1).takeSent()).containsExactly(new byte[] {1, 2, 3, 4});
        assertThat(out.get(2).takeSent()).containsExactly(new byte[] {2, 2, 3, 4});
        assertThat(relay.inPlace()).isFalse();
    }

    @Test
    void aPacketForSeveralOutputsIsCopied() {
        arrive(1);
        relay(packet -> PacketHandler.send(packet, 0b101)).poll(64);
        long first = out.get(0).sent.getFirst();
        long last = out.get(2).sent.getFirst();
        assertThat(Packet.address(first)).isNotEqualTo(Packet.address(last));
        assertThat(out.get(0).takeSent()).containsExactly(new byte[] {0, 2, 3, 4});
        assertThat(out.get(1).takeSent()).isEmpty();
        assertThat(out.get(2).takeSent()).containsExactly(new byte[] {0, 2, 3, 4});
    }

    @Test
    void aDroppedPacketGoesHome() {
        arrive(3);
        assertThat(relay(packet -> DROP).poll(64)).isEqualTo(3);
        assertThat(pool.available()).isEqualTo(SLOTS);
    }

    @Test
    void aPacketForAnOutputThatIsNotThereGoesHome() {
        arrive(1);
        relay(packet -> PacketHandler.send(packet, 0b1000)).poll(64);
        assertThat(pool.available()).isEqualTo(SLOTS);
    }

    @Test
    void anOutputThatIsNotThereDoesNotKeepAPacketFromThoseThatAre() {
        arrive(1);
        relay(packet -> PacketHandler.send(packet, 0b1000_0000_0000_1001)).poll(64);
        assertThat(out.get(0).takeSent()).containsExactly(new byte[] {0, 2, 3, 4});
        assertThat(pool.available()).isEqualTo(SLOTS);
    }

    @Test
    void whatTheHandlerWritesIsSent() {
        arrive(1);
        relay(packet -> {
                    Packet.setByte(packet, 1, 9);
                    return PacketHandler.send(packet, 0b11);
                })
                .poll(64);
        assertThat(out.get(0).takeSent()).containsExactly(new byte[] {0, 9, 3, 4});
        assertThat(out.get(1).takeSent()).containsExactly(new byte[] {0, 9, 3, 4});
    }

    @Test
    void theHandlerMayShortenAndLengthen() {
        arrive(2);
        relay(packet -> {
                    int length = Packet.getByte(packet, 0) == 0 ? 2 : 6;
                    long resized = Packet.resize(packet, length);
                    Packet.setByte(resized, length - 1, 7);
                    return PacketHandler.send(packet, length, 0b11);
                })
                .poll(64);
        for (FakeQueues queues : out.subList(0, 2)) {
            List<byte[]> sent = queues.takeSent();
            assertThat(sent.get(0)).containsExactly(0, 7);
            assertThat(sent.get(1)).hasSize(6).startsWith(1, 2, 3, 4).endsWith(7);
        }
    }

    @Test
    void withoutBuffersForCopiesTheLastOutputStillGetsItsPacket() {
        arrive(SLOTS);
        Relay relay = relay(packet -> PacketHandler.send(packet, 0b11));
        assertThat(relay.poll(10)).isEqualTo(10);
        assertThat(out.get(0).takeSent()).isEmpty();
        assertThat(out.get(1).takeSent()).hasSize(10);
        assertThat(pool.exhausted()).isEqualTo(10);
    }

    @Test
    void whatAnOutputDoesNotTakeIsDroppedAndCounted() {
        out.getFirst().room = 3;
        arrive(5);
        Relay relay = relay(packet -> PacketHandler.send(packet, 1));
        assertThat(relay.poll(64)).isEqualTo(5);
        assertThat(relay.sent(0)).isEqualTo(new QueueStatistics(3, 2, 0));
        assertThat(pool.available()).isEqualTo(SLOTS - 3);
    }

    @Test
    void aPollHandlesNoMoreThanItIsTold() {
        arrive(200);
        Relay relay = relay(packet -> PacketHandler.send(packet, 0b111));
        assertThat(relay.poll(5)).isEqualTo(5);
        assertThat(in.arriving).hasSize(195);
        out.forEach(FakeQueues::takeSent);
        int rest = 0;
        for (int n = relay.poll(1000); n > 0; n = relay.poll(1000)) {
            rest += n;
            out.forEach(queues -> assertThat(queues.takeSent()).isNotEmpty());
        }
        assertThat(rest).isEqualTo(195);
        assertThat(relay.poll(0)).isZero();
    }

    @Test
    void aRelayHasOneToSixteenOutputs() {
        FakeDevice device = new FakeDevice(in);
        for (int outputs : new int[] {0, 17}) {
            assertThatThrownBy(() -> device.relay(0, Collections.nCopies(outputs, device), 0, packet -> DROP))
                    .isInstanceOf(DeviceException.class)
                    .hasMessage("a relay has 1 to 16 outputs, not %d", outputs);
        }
        try (Relay relay =
                device.relay(0, Collections.nCopies(16, device), 0, packet -> PacketHandler.send(packet, 0x8000))) {
            arrive(1);
            relay.poll(1);
            assertThat(in.takeSent()).containsExactly(new byte[] {0, 2, 3, 4});
        }
    }

    @Test
    void aVerdictHoldsOutputsAndLength() {
        long packet = pool.allocateCopy(new byte[100]);
        assertThat(PacketHandler.outputs(PacketHandler.send(packet, 0xFFFF))).isEqualTo(0xFFFF);
        assertThat(PacketHandler.length(PacketHandler.send(packet, 0xFFFF))).isEqualTo(100);
        assertThat(PacketHandler.length(PacketHandler.send(packet, 60, 1))).isEqualTo(60);
        assertThatThrownBy(() -> PacketHandler.send(packet, Packet.capacity(packet) + 1, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        Packet.release(packet);
    }
}
