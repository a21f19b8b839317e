package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Numbered;
import org.barewire.drivers.peer.Testpmd;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// DPDK's net_af_xdp at the other end of a veth pair sends back what it receives.
@Tag("peer")
class AfxdpTestpmdTest {
    private static final int COUNT = 100_000;

    /// A DPDK port for each queue, since veth tells no number that DPDK looks at.
    private static Testpmd loop(Veth veth, int queues) {
        List<String> ports = new ArrayList<>();
        for (int queue = 0; queue < queues; queue++) {
            ports.add("--vdev");
            ports.add("net_af_xdp%d,iface=port1,start_queue=%d,queue_count=1".formatted(queue, queue));
        }
        return Testpmd.startIn(veth.right(), "afxdp-loop", ports, List.of("-a", "--port-topology=loop"));
    }

    @Test
    void numberedPacketsComeBackUnchanged() {
        try (Veth veth = Veth.create("pmd");
                NetDevice port = veth.openLeft("");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048);
                Testpmd peer = loop(veth, 1)) {
            RxQueue rx = port.rx(0);
            TxQueue tx = port.tx(0);
            Numbered numbered = new Numbered(pool, COUNT, 60, 1514, 1);
            numbered.exchange(tx, rx, 200);
            assertThat(numbered.complaints()).as(peer.output()).isEmpty();
        }
    }

    @Test
    void twoQueuesCarryPacketsAtOnce() {
        try (Veth veth = Veth.create("pmd2").withQueues(2);
                NetDevice port = veth.openLeft("&queues=2");
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 2048);
                Testpmd peer = loop(veth, 2)) {
            RxQueue[] rx = {port.rx(0), port.rx(1)};
            Numbered[] numbered = {
                new Numbered(pool, COUNT / 2, 60, 1514, 1), new Numbered(pool, COUNT / 2, 60, 1514, 2)
            };
            int idle = 0;
            while ((numbered[0].received() < COUNT / 2 || numbered[1].received() < COUNT / 2) && idle++ < 20_000_000) {
                for (int queue = 0; queue < 2; queue++) {
                    numbered[queue].send(port.tx(queue), 100);
                    idle = numbered[queue].receive(rx[queue]) > 0 ? 0 : idle;
                }
            }
            assertThat(numbered[0].complaints()).as(peer.output()).isEmpty();
            assertThat(numbered[1].complaints()).as(peer.output()).isEmpty();
        }
    }
}
