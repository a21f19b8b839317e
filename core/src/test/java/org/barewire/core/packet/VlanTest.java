package org.barewire.core.packet;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.barewire.core.memory.PacketMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VlanTest {
    private final byte[] untagged = ValidFrames.ipv4().udp(1, 2).payload(3).build();
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 8);

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void pushedTagsAreThoseOfATaggedFrameAndPoppingRestoresThePacket() {
        long packet = pool.allocateCopy(untagged);
        packet = Vlan.push(packet, EtherType.VLAN, Vlan.control(0, false, 5));
        packet = Vlan.push(packet, EtherType.PROVIDER_VLAN, Vlan.control(3, true, 100));
        Hexdump.assertSame(
                Packet.bytes(packet),
                ValidFrames.vlanTwice()
                        .ipv4("192.0.2.1", "192.0.2.2")
                        .udp(1, 2)
                        .payload(3)
                        .build());
        packet = Vlan.pop(Vlan.pop(packet));
        Hexdump.assertSame(Packet.bytes(packet), untagged);
        Packet.release(packet);
    }

    @Test
    void withoutHeadroomATagIsRefusedAndThePacketUnchanged() {
        long packet = pool.allocateCopy(untagged);
        long full = Packet.push(packet, Packet.headroom(packet));
        byte[] before = Packet.bytes(full);
        assertThatThrownBy(() -> Vlan.push(full, EtherType.VLAN, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        Hexdump.assertSame(Packet.bytes(full), before);
        Packet.release(full);
    }
}
