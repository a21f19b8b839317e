package org.barewire.sim;

import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.device.TxQueue;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;

/// A port of this process plugged into one end of a wire: frames that arrive leave through it, and what it
/// receives is put on the wire. So whatever drives the card at the other end talks to the port's network.
///
/// For the simulation's thread, whose the port's queues 0 are from then on. Allocates nothing while frames pass.
public final class PortEnd implements Endpoint, Steppable, AutoCloseable {
    private static final int BURST = 64;
    private static final int POOL = 4096;
    private static final int SHORTEST = 60; // without check sequence

    private final WireEnd end;
    private final RxQueue rx;
    private final TxQueue tx;
    private final PacketPool pool;
    private final long scratch = OwnMemory.map(Wire.MAX_FRAME); // for packets that can't be sent where they are
    private final long[] received = new long[BURST];
    private final long[] leaving = new long[1];
    private int next; // of those received
    private int waiting; // received in all

    /// Plugs a port in.
    ///
    /// @param memory that the port sends from
    public PortEnd(WireEnd end, NetDevice port, PacketMemory memory) {
        this.end = end;
        rx = port.rx(0);
        tx = port.tx(0);
        pool = PacketPool.create(memory, POOL, PacketPool.slotSizeFor(port.mtu() + 22));
        end.connect(this);
    }

    @Override
    public boolean step(long nowNanos) {
        if (next == waiting) {
            next = 0;
            waiting = rx.receive(received);
        }
        int before = next;
        while (next < waiting && end.canSend(nowNanos)) {
            send(nowNanos, received[next++]);
        }
        tx.reclaim();
        return next != before;
    }

    /// A frame that is longer than the port takes, or that comes while it takes none, is dropped. A damaged one
    /// is, too, as by the MAC that it would reach.
    @Override
    public void frameArrived(long address, int length, boolean damaged) {
        long packet = damaged || length > pool.capacity() ? 0 : pool.allocate();
        if (packet != 0) {
            long filled = Packet.resize(packet, length);
            Memory.copy(address, Packet.address(filled), length);
            leaving[0] = filled;
            tx.sendOrRelease(leaving, 1);
        }
    }

    /// Pulls the plug; the port stays open. To be called between two steps.
    @Override
    public void close() {
        end.disconnect();
        while (next < waiting) {
            Packet.release(received[next++]);
        }
        pool.close();
        Mman.unmap(scratch, Wire.MAX_FRAME);
    }

    private void send(long nowNanos, long packet) {
        if (Packet.next(packet) == 0 && Packet.length(packet) >= SHORTEST) {
            end.send(nowNanos, Packet.address(packet), Packet.length(packet));
        } else {
            sendCopy(nowNanos, packet);
        }
        Packet.release(packet);
    }

    /// Whose segments have been gathered, or which has been padded (IEEE 802.3, 4.2.3.3).
    private void sendCopy(long nowNanos, long packet) {
        int length = 0;
        for (long segment = packet; segment != 0; segment = Packet.next(segment)) {
            int bytes = Packet.length(segment);
            if (length + bytes > Wire.MAX_FRAME) {
                return; // nothing that a wire carries
            }
            Memory.copy(Packet.address(segment), scratch + length, bytes);
            length += bytes;
        }
        for (; length < SHORTEST; length++) {
            Memory.putByte(scratch + length, (byte) 0);
        }
        end.send(nowNanos, scratch, length);
    }
}
