package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.PacketHandler;
import org.barewire.core.device.Relay;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.ixgbe.Ixgbe;
import org.barewire.drivers.ixgbe.MemoryNic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The data path of the ixgbe driver allocates nothing, however many packets it moves.
@Tag("slow")
@Tag("unchecked")
class IxgbeNoGarbageTest {
    private static final int WARM_UP = 1_600_000;
    private static final int CALL = 3_200; // so many calls that the whole method is compiled, not only its loop
    private static final int PACKETS = 10_000_000;
    private static final int MODEL_WARM_UP = 200_000;
    private static final int BURST = 32;

    @Test
    void tenMillionPacketsThroughTheQueuesAllocateNothing() {
        try (MemoryNic nic = new MemoryNic(512, 2048)) {
            RxQueue rx = nic.rx();
            TxQueue tx = nic.tx();
            long[] packets = new long[BURST];
            for (int moved = 0; moved < WARM_UP; moved += CALL) {
                forward(nic, rx, tx, packets, CALL);
            }
            Allocation.assertNone(() -> forward(nic, rx, tx, packets, PACKETS));
            assertThat(tx.statistics().packets()).isGreaterThanOrEqualTo(WARM_UP + PACKETS);
        }
    }

    @Test
    void tenMillionPacketsThroughTheRelayAllocateNothing() {
        try (MemoryNic nic = new MemoryNic(512, 512)) {
            Relay relay = nic.relay(p -> PacketHandler.send(p, 1));
            for (int moved = 0; moved < WARM_UP; moved += CALL) {
                forward(nic, relay, CALL);
            }
            Allocation.assertNone(() -> forward(nic, relay, PACKETS));
            assertThat(relay.sent(0).packets()).isGreaterThanOrEqualTo(WARM_UP + PACKETS);
        }
    }

    /// Frames go round: sent, looped back by the wire's far end, received, sent again; driver and model on
    /// one thread.
    @Test
    void tenMillionPacketsThroughDriverAndModelAllocateNothing() {
        IxgbeBench bench = new IxgbeBench();
        bench.recording = false;
        WireEnd far = bench.wire.right();
        far.disconnect();
        far.connect((address, length, damaged) -> far.send(bench.now, address, length));
        Ixgbe card = bench.open(DeviceConfig.standard().withMemory(bench.memory));
        RxQueue rx = card.rx(0);
        TxQueue tx = card.tx(0);
        bench.step();
        PacketPool pool = PacketPool.create(bench.memory, BURST);
        tx.sendOrRelease(IxgbeBench.copies(pool, Frames.broadcast(60), BURST), BURST);
        long[] packets = new long[BURST];
        forward(bench, rx, tx, packets, MODEL_WARM_UP);
        Allocation.assertNone(() -> forward(bench, rx, tx, packets, PACKETS));
        assertThat(rx.statistics().packets()).isGreaterThan(PACKETS);
        card.close();
        pool.close();
        bench.close();
    }

    private static void forward(IxgbeBench bench, RxQueue rx, TxQueue tx, long[] packets, int count) {
        int moved = 0;
        while (moved < count) {
            bench.step();
            int n = rx.receive(packets);
            if (tx.sendOrRelease(packets, n) < n) {
                throw new AssertionError("no room to send");
            }
            moved += n;
        }
    }

    private static void forward(MemoryNic nic, RxQueue rx, TxQueue tx, long[] packets, int count) {
        for (int moved = 0; moved < count; moved += BURST) {
            nic.receive(BURST);
            tx.sendOrRelease(packets, rx.receive(packets));
            nic.send();
        }
    }

    private static void forward(MemoryNic nic, Relay relay, int count) {
        for (int moved = 0; moved < count; moved += BURST) {
            nic.receiveLegacy(BURST);
            relay.poll(BURST);
            nic.sendRelayed();
        }
    }
}
