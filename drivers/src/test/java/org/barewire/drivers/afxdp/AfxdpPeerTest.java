package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.device.NetDevice;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.NetNs;
import org.barewire.drivers.peer.Numbered;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("peer")
class AfxdpPeerTest {
    @Test
    void numberedPacketsCrossAVeth() {
        try (NetNs left = NetNs.create("afxdp-left");
                NetNs right = NetNs.create("afxdp-right")) {
            left.veth("port0", right, "port1");
            try (NetDevice a = NetDevice.open("afxdp:port0?netns=afxdp-left");
                    NetDevice b = NetDevice.open("afxdp:port1?netns=afxdp-right");
                    PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048)) {
                Numbered packets = new Numbered(pool, 100_000, 60, 1514, 1);
                var rx = b.rx(0);
                packets.exchange(a.tx(0), rx, 256);
                System.err.println(a.description() + " " + a.statistics() + b.statistics());
                assertThat(packets.complaints()).isEmpty();
            }
        }
    }
}
