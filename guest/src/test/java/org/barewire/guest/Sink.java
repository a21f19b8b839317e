package org.barewire.guest;

import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.packet.PacketPool;

/// A program in a guest that opens a device and receives for ever.
public final class Sink {
    private static final int ENOUGH = 100;

    private Sink() {}

    /// Prints `receiving` when packets come in.
    public static void main(String[] arguments) {
        RxQueue rx = NetDevice.open(arguments[0]).rx(0);
        long[] packets = new long[32];
        long before = 0;
        for (long received = 0; ; ) {
            int n = rx.receive(packets);
            PacketPool.release(packets, 0, n);
            received += n;
            if (before < ENOUGH && received >= ENOUGH) {
                System.out.println("receiving");
            }
            before = received;
        }
    }
}
