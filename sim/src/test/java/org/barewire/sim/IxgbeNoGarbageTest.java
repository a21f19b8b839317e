package org.barewire.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.drivers.ixgbe.MemoryNic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The queues of the ixgbe driver allocate nothing, however many packets they move.
@Tag("slow")
@Tag("unchecked")
class IxgbeNoGarbageTest {
    private static final int WARM_UP = 1_600_000;
    private static final int CALL = 3_200; // so many calls that the whole method is compiled, not only its loop
    private static final int PACKETS = 10_000_000;
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
            assertThat(tx.statistics().packets()).isEqualTo(WARM_UP + PACKETS);
        }
    }

    private static void forward(MemoryNic nic, RxQueue rx, TxQueue tx, long[] packets, int count) {
        for (int moved = 0; moved < count; moved += BURST) {
            nic.receive(BURST);
            tx.sendOrRelease(packets, rx.receive(packets));
            nic.send();
        }
    }
}
