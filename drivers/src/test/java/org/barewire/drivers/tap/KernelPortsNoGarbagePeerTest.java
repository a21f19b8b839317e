package org.barewire.drivers.tap;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.FrameBuilder;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Allocation;
import org.barewire.drivers.peer.NetNs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Packets go round: out of a tap interface, in by a packet socket on it, out by that, in by the tap.
@Tag("peer")
class KernelPortsNoGarbagePeerTest {
    private static final String HERE = "kernelports-garbage";
    private static final int BURST = 64;
    private static final int ON_THEIR_WAY = 512;
    private static final int TURNS = 2_500_000; // packets that go round, each through four queues

    private final long[] packets = new long[BURST];

    @Test
    void tenMillionPacketsAllocateNothing() {
        PacketPool pool = PacketPool.create(PacketMemory.standard(), 1024);
        byte[] frame = FrameBuilder.ethernet()
                .ipv4("10.0.0.1", "10.0.0.2")
                .udp(1, 2)
                .payload(new byte[18])
                .build();
        try (NetNs ignored = NetNs.create(HERE);
                NetDevice tap = NetDevice.open("tap:port?netns=" + HERE);
                NetDevice socket = NetDevice.open("afpacket:port?netns=" + HERE)) {
            assertThat(ignored.name()).isEqualTo(HERE);
            RxQueue tapRx = tap.rx(0);
            TxQueue tapTx = tap.tx(0);
            RxQueue socketRx = socket.rx(0);
            TxQueue socketTx = socket.tx(0);
            for (int i = 0; i < ON_THEIR_WAY; i++) {
                packets[0] = pool.allocateCopy(frame);
                assertThat(tapTx.sendOrRelease(packets, 1)).isEqualTo(1);
            }
            turn(tapTx, socketRx, socketTx, tapRx, TURNS / 10);
            Allocation.assertNone(() -> turn(tapTx, socketRx, socketTx, tapRx, TURNS));
            assertThat(tap.statistics().rxPackets()).isGreaterThanOrEqualTo(TURNS);
            assertThat(socket.statistics().rxPackets()).isGreaterThanOrEqualTo(TURNS);
        } finally {
            pool.close();
        }
    }

    /// Moves on whatever there is, until so many have come in by the tap interface.
    private void turn(TxQueue tapTx, RxQueue socketRx, TxQueue socketTx, RxQueue tapRx, int turns) {
        for (int done = 0; done < turns; ) {
            socketTx.sendOrRelease(packets, socketRx.receive(packets));
            int received = tapRx.receive(packets);
            tapTx.sendOrRelease(packets, received);
            done += received;
        }
    }
}
