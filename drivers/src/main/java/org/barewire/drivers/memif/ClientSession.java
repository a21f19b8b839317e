package org.barewire.drivers.memif;

import java.util.ArrayList;
import java.util.List;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.memory.Region;

/// A client's way to a connection: it brings rings and buffers, and tells the server of them.
///
/// Rings, and the buffers of a client that copies, are in a region made for this one connection: a server that
/// has been disconnected may still write to what it was given.
final class ClientSession {
    private final MemifPort port;
    private final Channel channel;
    private final Peer peer;
    private final MemifOptions options;
    private int queues; // each way
    private int slots;

    ClientSession(MemifPort port, Channel channel, Peer peer) {
        this.port = port;
        this.channel = channel;
        this.peer = peer;
        this.options = port.options();
    }

    /// Connects all queues that the server has rings for.
    void establish() throws ProtocolException {
        Message hello = channel.expect(Message.Type.HELLO).onlyMessage();
        if (hello.uint16(34) > Message.VERSION || hello.uint16(36) < Message.VERSION) {
            throw new ProtocolException("the other side does not speak version 2.0");
        }
        int rings = Math.min(hello.uint16(40), hello.uint16(42)) + 1;
        queues = Math.min(rings, port.queues());
        slots = Math.min(options.ringSize(), 1 << Math.min(hello.uint8(44), Layout.MAX_LOG2_SIZE));
        ask(Message.init(options.id(), options.secret()));

        RingMemory own = RingMemory.create(2L * queues * (Layout.bytes(slots) + bufferBytes()));
        peer.atEnd(own::close);
        long bytes = Layout.bytes(slots);
        List<Region> shared = options.zeroCopy() ? port.sharedRegions(hello.uint16(38)) : List.of();
        ask(Message.addRegion(0, own.length()), own.fd());
        for (int i = 0; i < shared.size(); i++) {
            ask(Message.addRegion(i + 1, shared.get(i).length()), shared.get(i).fd());
        }
        List<EventFd> events = new ArrayList<>();
        for (int ring = 0; ring < 2 * queues; ring++) {
            EventFd event = EventFd.create();
            peer.atEnd(event::close);
            events.add(event);
            Layout.putCookie(own.address() + ring * bytes);
            int log2 = Integer.numberOfTrailingZeros(slots);
            ask(Message.addRing(ring < queues, ring % queues, ring * bytes, log2), event.fd());
        }
        channel.send(Message.connect(port.interfaceName()));
        channel.expect(Message.Type.CONNECTED).onlyMessage();
        for (int queue = 0; queue < queues; queue++) {
            connect(queue, own.address(), shared, events.get(queue), events.get(queues + queue));
        }
    }

    private void ask(Message message, int... fds) throws ProtocolException {
        channel.send(message, fds);
        channel.expect(Message.Type.ACK).onlyMessage();
    }

    /// Bytes of the buffers of one ring.
    private long bufferBytes() {
        return options.zeroCopy() ? 0 : (long) slots * options.bufferSize();
    }

    /// The server resets both indexes when it connects, so that the rings are begun only now.
    private void connect(int queue, long base, List<Region> shared, EventFd out, EventFd in) {
        long bytes = Layout.bytes(slots);
        long c2s = base + queue * bytes;
        long s2c = base + (queues + queue) * bytes;
        MemifTxQueue tx = port.txQueue(queue);
        MemifRxQueue rx = port.rxQueue(queue);
        if (options.zeroCopy()) {
            tx.connect(
                    new PlaceSender(c2s, slots, share(shared), port.copies(queue), port.longest(), out, tx.counters()));
            rx.connect(new PlaceReceiver(s2c, slots, share(shared), rx.pool(), in, rx.counters()));
        } else {
            tx.connect(new CopySender(c2s, slots, buffers(c2s, base, queue), port.longest(), out, tx.counters()));
            rx.connect(new CopyReceiver(s2c, slots, buffers(s2c, base, queues + queue), rx.pool(), in, rx.counters()));
        }
        peer.atEnd(tx::disconnect);
        peer.atEnd(rx::disconnect);
    }

    private SharedRegions share(List<Region> shared) {
        SharedRegions regions = new SharedRegions(shared, 1);
        PacketMemory memory = port.memory();
        memory.attach(regions);
        peer.atEnd(() -> memory.detach(regions));
        return regions;
    }

    /// Puts a buffer into each slot of a ring.
    private Buffers buffers(long ring, long base, int number) {
        int size = options.bufferSize();
        long first = base + 2L * queues * Layout.bytes(slots) + (long) number * slots * size;
        for (int slot = 0; slot < slots; slot++) {
            long offset = first + (long) slot * size - base;
            Layout.write(Layout.descriptor(ring, slot), Layout.word(0, 0, size), offset);
        }
        return Buffers.own(first, size);
    }
}
