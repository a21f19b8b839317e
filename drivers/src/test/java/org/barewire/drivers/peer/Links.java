package org.barewire.drivers.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.barewire.core.device.NetDevice;

/// What tests wait for at links.
public final class Links {
    private static final long PATIENCE = 10_000_000_000L; // nanoseconds

    private Links() {}

    /// Waits until a device says that its link is down for a reason; fails if it does not.
    public static void awaitReason(NetDevice device, String reason) {
        long start = System.nanoTime();
        while (!device.link().reason().contains(reason)) {
            assertThat(System.nanoTime() - start)
                    .as(() -> device.link() + " instead of " + reason)
                    .isLessThan(PATIENCE);
            Thread.onSpinWait();
        }
    }
}
