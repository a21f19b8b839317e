package org.barewire.guest;

import java.util.Arrays;
import java.util.List;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.PacketPool;

/// A program in a guest that opens devices and receives for ever.
public final class Sink {
    private static final int ENOUGH = 100;

    private Sink() {}

    /// Prints `receiving` when packets have come from all of the devices.
    public static void main(String[] arguments) {
        List<RxQueue> queues =
                Arrays.stream(arguments).map(name -> NetDevice.open(name).rx(0)).toList();
        long[] packets = new long[32];
        boolean told = false;
        while (true) {
            for (RxQueue rx : queues) {
                PacketPool.release(packets, 0, rx.receive(packets));
            }
            if (!told && queues.stream().allMatch(rx -> rx.statistics().packets() >= ENOUGH)) {
                System.out.println("receiving");
                told = true;
            }
        }
    }
}
