package org.barewire.guest;

import java.util.function.BooleanSupplier;
import org.barewire.core.device.TxQueue;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// The jobs of an {@link Agent} that move packets. None gives up a packet because the device has no room.
@SuppressWarnings("ThreadPriorityCheck") // QEMU may need this processor
final class Traffic {
    private static final int BURST = 32;
    private static final int SHORTEST = 60; // a frame without its check sequence
    private static final long PATIENCE = 20_000_000_000L; // nanoseconds without any progress

    private Traffic() {}

    /// Sends back what is received, unchanged, on the send queue with the receive queue's number.
    static Reply echo(OpenDevice device, BooleanSupplier stopped) {
        long[] packets = new long[BURST];
        long[] counts = new long[device.rx().size()];
        while (!stopped.getAsBoolean()) {
            int moved = 0;
            for (int queue = 0; queue < counts.length; queue++) {
                int n = device.rx().get(queue).receive(packets);
                sendAll(device.tx().get(queue % device.tx().size()), packets, n);
                counts[queue] += n;
                moved += n;
            }
            if (moved == 0) {
                Thread.yield();
            }
        }
        return counted(counts);
    }

    /// Sends numbered frames, a burst on each queue in turn, and waits until they have left.
    static Reply send(OpenDevice device, Frames frames) {
        long[] packets = new long[BURST];
        byte[] frame = new byte[frames.longest() + 8];
        long[] counts = new long[device.tx().size()];
        int made = 0;
        for (int turn = 0; made < frames.count(); turn++) {
            int queue = turn % counts.length;
            int n = 0;
            while (n < BURST && made < frames.count()) {
                int length = frames.write(made, frame);
                long packet = packet(device, frame, length);
                if (packet == 0) {
                    break;
                }
                packets[n++] = packet;
                made++;
            }
            sendAll(device.tx().get(queue), packets, n);
            counts[queue] += n;
            if (n == 0) {
                reclaim(device);
            }
        }
        long start = System.nanoTime();
        while (reclaim(device) > 0 && System.nanoTime() - start < PATIENCE) {
            Thread.yield();
        }
        return counted(counts);
    }

    /// Receives and checks numbered frames on all queues until it has all, or none comes for a while. Sends a
    /// receipt after each burst.
    static Reply receive(OpenDevice device, Frames frames) {
        Arrivals arrivals = new Arrivals(frames);
        long[] packets = new long[BURST];
        byte[] frame = new byte[Packet.MAX_LENGTH];
        long[] counts = new long[device.rx().size()];
        long last = System.nanoTime();
        while (!arrivals.complete() && System.nanoTime() - last < PATIENCE) {
            int moved = 0;
            for (int queue = 0; queue < counts.length; queue++) {
                int n = device.rx().get(queue).receive(packets);
                for (int i = 0; i < n; i++) {
                    arrivals.take(frame, gather(packets[i], frame));
                }
                PacketPool.release(packets, 0, n);
                counts[queue] += n;
                moved += n;
            }
            if (moved > 0) {
                last = System.nanoTime();
                sendReceipt(device, arrivals.received());
            } else {
                Thread.yield();
            }
        }
        Report report = arrivals.report(frames.count());
        return counted(counts)
                .with("received", report.received())
                .with("lost", report.lost())
                .with("duplicated", report.duplicated())
                .with("changed", report.changed())
                .with("others", report.others())
                .with("complaint", report.complaint());
    }

    private static void sendReceipt(OpenDevice device, long received) {
        byte[] frame = new byte[SHORTEST];
        Frames.writeHeader(frame, Frames.HOST, Frames.RECEIPT, received);
        long packet = packet(device, frame, SHORTEST);
        if (packet == 0) {
            reclaim(device); // the next receipt will say it as well
        } else {
            sendAll(device.tx().getFirst(), new long[] {packet}, 1);
        }
    }

    private static long packet(OpenDevice device, byte[] frame, int length) {
        long packet = device.pool().allocate();
        if (packet != 0) {
            packet = Packet.resize(packet, length);
            Packet.write(packet, 0, frame, 0, length);
        }
        return packet;
    }

    private static void sendAll(TxQueue tx, long[] packets, int count) {
        long start = System.nanoTime();
        for (int sent = tx.send(packets, 0, count); sent < count; sent += tx.send(packets, sent, count - sent)) {
            tx.reclaim();
            Thread.yield();
            if (System.nanoTime() - start > PATIENCE) {
                PacketPool.release(packets, sent, count - sent);
                throw new AssertionError("the device takes no packets any more");
            }
        }
    }

    private static int reclaim(OpenDevice device) {
        int left = 0;
        for (TxQueue tx : device.tx()) {
            left += tx.reclaim();
        }
        return left;
    }

    /// Puts all segments in `frame`; returns how many bytes they are.
    private static int gather(long packet, byte[] frame) {
        int length = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            int bytes = Math.min(Packet.length(segment), frame.length - length);
            Packet.read(segment, 0, frame, length, bytes);
            length += bytes;
        }
        return length;
    }

    private static Reply counted(long[] counts) {
        Reply reply = new Reply();
        for (int queue = 0; queue < counts.length; queue++) {
            reply.with("queue" + queue, counts[queue]);
        }
        return reply;
    }
}
