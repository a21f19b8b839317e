package org.barewire.drivers.memif;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.LinuxException;
import org.barewire.core.linux.Mman;
import org.jspecify.annotations.Nullable;

/// A server's way to a connection: it maps what the client brings, when it has been found to be there.
final class ServerSession {
    static final int MAX_REGIONS = 256;

    private static final int RING_ALIGNMENT = 8;

    /// A region of the client's.
    private record Mapped(long address, long length) {}

    /// A ring of the client's.
    private record Ring(long address, int slots, EventFd event) {}

    private final MemifPort port;
    private final Channel channel;
    private final Peer peer;
    private final List<Mapped> regions = new ArrayList<>();
    private final @Nullable Ring[] c2s;
    private final @Nullable Ring[] s2c;

    ServerSession(MemifPort port, Channel channel, Peer peer) {
        this.port = port;
        this.channel = channel;
        this.peer = peer;
        this.c2s = new @Nullable Ring[port.queues()];
        this.s2c = new @Nullable Ring[port.queues()];
    }

    /// Connects the queues that the client has brought rings for.
    void establish() throws ProtocolException {
        channel.send(Message.hello(port.queues(), MAX_REGIONS));
        checkInit(channel.expect(Message.Type.INIT).onlyMessage());
        channel.send(Message.ack());
        while (true) {
            Channel.Received received =
                    channel.expect(Message.Type.ADD_REGION, Message.Type.ADD_RING, Message.Type.CONNECT);
            try {
                switch (received.message().type()) {
                    case ADD_REGION -> addRegion(received);
                    case ADD_RING -> addRing(received);
                    default -> {
                        connect();
                        channel.send(Message.connected(port.interfaceName()));
                        return;
                    }
                }
            } catch (LinuxException e) {
                throw new ProtocolException(String.valueOf(e.getMessage()));
            } finally {
                received.closeFds();
            }
            channel.send(Message.ack());
        }
    }

    private void checkInit(Message init) throws ProtocolException {
        if (init.uint16(2) != Message.VERSION) {
            throw new ProtocolException("the other side does not speak version 2.0");
        }
        if (init.uint32(4) != port.options().id()) {
            throw new ProtocolException("the other side wants interface %d, and this is interface %d"
                    .formatted(init.uint32(4), port.options().id()));
        }
        if (init.uint8(8) != Message.MODE_ETHERNET) {
            throw new ProtocolException("the other side wants another mode than Ethernet");
        }
        byte[] secret = port.options().secret().getBytes(StandardCharsets.UTF_8);
        byte[] expected = Arrays.copyOf(secret, init.secret().length);
        if (secret.length > 0 && !MessageDigest.isEqual(expected, init.secret())) {
            throw new ProtocolException("the other side does not know the secret");
        }
    }

    private void addRegion(Channel.Received received) throws ProtocolException {
        int index = received.message().uint16(2);
        long length = received.message().int64(4);
        if (index != regions.size() || index >= MAX_REGIONS) {
            throw new ProtocolException("region %d came where region %d was due".formatted(index, regions.size()));
        }
        int fd = received.takeFd();
        try {
            long there = Fd.size(fd);
            if (length <= 0 || length > there) {
                throw new ProtocolException(
                        "region %d is said to have %d bytes, and its file has %d".formatted(index, length, there));
            }
            long address = Mman.map(0, length, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED, fd, 0);
            peer.atEnd(() -> Mman.unmap(address, length));
            regions.add(new Mapped(address, length));
        } finally {
            Fd.close(fd);
        }
    }

    private void addRing(Channel.Received received) throws ProtocolException {
        Message message = received.message();
        EventFd event = EventFd.adopt(received.takeFd());
        peer.atEnd(event::close);
        @Nullable Ring[] rings = (message.uint16(2) & Message.RING_C2S) != 0 ? c2s : s2c;
        int index = message.uint16(4);
        int region = message.uint16(6);
        long offset = message.uint32(8);
        int log2 = message.uint8(12);
        if (index >= rings.length || rings[index] != null) {
            throw new ProtocolException("ring %d is one too many or came twice".formatted(index));
        }
        if (region >= regions.size() || log2 < 1 || log2 > Layout.MAX_LOG2_SIZE || offset % RING_ALIGNMENT != 0) {
            throw new ProtocolException(
                    "ring %d of 2^%d slots at offset %d of region %d can't be".formatted(index, log2, offset, region));
        }
        Mapped in = regions.get(region);
        if (offset + Layout.bytes(1 << log2) > in.length) {
            throw new ProtocolException("ring %d reaches beyond the end of region %d".formatted(index, region));
        }
        rings[index] = new Ring(in.address + offset, 1 << log2, event);
    }

    private void connect() throws ProtocolException {
        for (Ring[] rings : List.of(c2s, s2c)) {
            for (Ring ring : rings) {
                if (ring != null && !Layout.hasCookie(ring.address)) {
                    throw new ProtocolException("a ring has not the cookie that says it is one");
                }
            }
        }
        long[] addresses = regions.stream().mapToLong(Mapped::address).toArray();
        long[] lengths = regions.stream().mapToLong(Mapped::length).toArray();
        Buffers buffers = Buffers.peers(addresses, lengths);
        for (int queue = 0; queue < c2s.length; queue++) {
            Ring in = c2s[queue];
            Ring out = s2c[queue];
            if (in != null) {
                MemifRxQueue rx = port.rxQueue(queue);
                rx.connect(new CopyReceiver(in.address, in.slots, buffers, rx.pool(), in.event, rx.counters()));
                peer.atEnd(rx::disconnect);
            }
            if (out != null) {
                MemifTxQueue tx = port.txQueue(queue);
                tx.connect(new CopySender(out.address, out.slots, buffers, port.longest(), out.event, tx.counters()));
                peer.atEnd(tx::disconnect);
            }
        }
    }
}
