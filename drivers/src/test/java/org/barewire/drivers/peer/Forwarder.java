package org.barewire.drivers.peer;

import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.jspecify.annotations.Nullable;

/// Moves packets between two devices, both ways, in a thread of its own until closed. The devices stay open.
public final class Forwarder implements AutoCloseable {
    private static final int BURST = 64;

    private final Thread thread;
    private volatile boolean stopped;
    private volatile @Nullable Throwable failure;

    /// Starts at once, on the first `queues` queues of each.
    public Forwarder(NetDevice left, NetDevice right, int queues) {
        RxQueue[] from = new RxQueue[2 * queues];
        TxQueue[] to = new TxQueue[2 * queues];
        for (int i = 0; i < queues; i++) {
            from[2 * i] = left.rx(i);
            to[2 * i] = right.tx(i);
            from[2 * i + 1] = right.rx(i);
            to[2 * i + 1] = left.tx(i);
        }
        thread = Thread.ofPlatform().name("forwarder").start(() -> {
            try {
                run(from, to);
            } catch (Throwable t) {
                failure = t;
            }
        });
    }

    @SuppressWarnings("ThreadPriorityCheck") // see below
    private void run(RxQueue[] from, TxQueue[] to) {
        long[] packets = new long[BURST];
        while (!stopped) {
            int moved = 0;
            for (int i = 0; i < from.length; i++) {
                int n = from[i].receive(packets);
                if (n > 0) {
                    to[i].sendOrRelease(packets, n);
                    moved += n;
                }
            }
            if (moved == 0) {
                Thread.yield(); // the machine has few processors, and the peers need them
            }
        }
    }

    /// Stops, and fails if anything was thrown meanwhile.
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new AssertionError("the forwarder failed", failure);
        }
    }
}
