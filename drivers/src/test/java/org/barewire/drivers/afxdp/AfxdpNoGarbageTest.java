package org.barewire.drivers.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Allocation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("peer")
class AfxdpNoGarbageTest {
    private static final int BURST = 32;
    private static final long COUNT = 10_000_000;

    private final long[] packets = new long[BURST];

    /// Sends and receives until `count` packets have come.
    private void move(TxQueue tx, RxQueue rx, long count) {
        PacketPool pool = rx.pool();
        long received = 0;
        while (received < count) {
            int n = pool.allocate(packets, 0, BURST);
            for (int i = 0; i < n; i++) {
                packets[i] = Packet.resize(packets[i], 60);
            }
            tx.sendOrRelease(packets, n);
            n = rx.receive(packets);
            PacketPool.release(packets, 0, n);
            received += n;
        }
    }

    @Test
    void tenMillionPacketsAllocateNothing() {
        try (Veth veth = Veth.create("garbage");
                NetDevice left = veth.openLeft("");
                NetDevice right = veth.openRight("")) {
            TxQueue tx = left.tx(0);
            RxQueue rx = right.rx(0);
            for (int i = 0; i < 4000; i++) {
                move(tx, rx, 1000); // many calls, so that all of it is compiled as a whole
            }
            Allocation.assertNone(() -> move(tx, rx, COUNT));
            assertThat(right.statistics().rxPackets()).isGreaterThanOrEqualTo(COUNT);
        }
    }
}
