package org.barewire.drivers.ixgbe;

import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;

/// Has the data path compiled before the first receiver of the process is enabled, so that a young JVM does
/// not lose the packets that arrive while it still interprets: the real queues move packets on a {@link
/// MemoryNic}.
final class WarmUp {
    private static final int PACKETS = 400_000;
    private static final int BURST = 32;
    private static final int RING = 512;

    private static boolean done; // guarded by the class

    private WarmUp() {}

    static synchronized void once() {
        if (done) {
            return;
        }
        done = true;
        try (MemoryNic nic = new MemoryNic(RING, 2 * RING)) {
            queues(nic);
        }
    }

    private static void queues(MemoryNic nic) {
        RxQueue rx = nic.rx();
        TxQueue tx = nic.tx();
        long[] packets = new long[BURST];
        for (int moved = 0; moved < PACKETS; moved += BURST) {
            nic.receive(BURST);
            int n = rx.receive(packets);
            tx.sendOrRelease(packets, n);
            nic.send();
            rx.receive(packets); // finds nothing: the idle poll is warm, too
        }
    }
}
