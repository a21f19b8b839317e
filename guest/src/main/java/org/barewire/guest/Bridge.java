package org.barewire.guest;

import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;

/// A program that moves packets between two devices, both ways, until it is killed.
final class Bridge {
    private static final int BURST = 64;

    private Bridge() {}

    @SuppressWarnings("ThreadPriorityCheck") // the guest needs the processors
    public static void main(String[] names) {
        try (NetDevice left = NetDevice.open(names[0]);
                NetDevice right = NetDevice.open(names[1])) {
            RxQueue fromLeft = left.rx(0);
            RxQueue fromRight = right.rx(0);
            TxQueue toLeft = left.tx(0);
            TxQueue toRight = right.tx(0);
            System.out.println("open");
            long[] packets = new long[BURST];
            while (!Thread.interrupted()) {
                int there = fromLeft.receive(packets);
                toRight.sendOrRelease(packets, there);
                int back = fromRight.receive(packets);
                toLeft.sendOrRelease(packets, back);
                if (there + back == 0) {
                    Thread.yield();
                }
            }
        }
    }
}
