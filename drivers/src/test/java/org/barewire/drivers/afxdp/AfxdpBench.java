package org.barewire.drivers.afxdp;

import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// Sends or receives frames of 60 bytes for some seconds and prints the rate: `AfxdpBench tx|rx DEVICE SECONDS`.
/// See docs/afxdp.md.
final class AfxdpBench {
    private static final int BURST = 32;

    private AfxdpBench() {}

    public static void main(String[] args) {
        long seconds = Long.parseLong(args[2]);
        try (NetDevice device = NetDevice.open(args[1])) {
            boolean sends = args[0].equals("tx");
            run(device, sends, 2);
            long before = packets(device, sends);
            long start = System.nanoTime();
            run(device, sends, seconds);
            double rate = (packets(device, sends) - before) * 1e3 / (System.nanoTime() - start);
            System.out.printf("%s %.3f Mpps, %s%n%s%n", args[0], rate, device.description(), device.statistics());
        }
    }

    private static long packets(NetDevice device, boolean sends) {
        return sends
                ? device.tx(0).statistics().packets()
                : device.rx(0).statistics().packets();
    }

    private static void run(NetDevice device, boolean sends, long seconds) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            for (int i = 0; i < 100; i++) {
                if (sends) {
                    send(device);
                } else {
                    receive(device);
                }
            }
        }
    }

    private static final long[] PACKETS = new long[BURST];

    private static void send(NetDevice device) {
        TxQueue tx = device.tx(0);
        PacketPool pool = device.rx(0).pool();
        int n = pool.allocate(PACKETS, 0, BURST);
        for (int i = 0; i < n; i++) {
            long packet = Packet.resize(PACKETS[i], 60);
            Packet.setLong(packet, 0, 0x0200_0000_0002_0200L);
            Packet.setLong(packet, 8, 0x0000_0001_0800_4500L);
            PACKETS[i] = packet;
        }
        tx.sendOrRelease(PACKETS, n);
    }

    private static void receive(NetDevice device) {
        RxQueue rx = device.rx(0);
        int n = rx.receive(PACKETS);
        PacketPool.release(PACKETS, 0, n);
    }
}
