package org.barewire.drivers.memif;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client that does not keep to the protocol, played by hand against a server.
class HostileClientTest {
    private static final int SLOTS = 64;
    private static final int POOL = 256;
    private static final DeviceConfig CONFIG =
            DeviceConfig.standard().withDescriptors(64, 64).withPoolSize(POOL);
    private static final long BUFFERS = 8192; // where they begin in the region

    @TempDir
    private Path folder;

    private final RingMemory memory = RingMemory.create(BUFFERS + SLOTS * 2048L);
    private final long c2s = memory.address();
    private final long s2c = memory.address() + Layout.bytes(SLOTS);
    private final List<EventFd> events = List.of(EventFd.create(), EventFd.create());
    private final long[] packets = new long[64];

    @AfterEach
    void close() {
        events.forEach(EventFd::close);
        memory.close();
    }

    private NetDevice server() {
        return NetDevice.open("memif:" + folder.resolve("s") + "?role=server", CONFIG);
    }

    private UnixSocket connect() {
        return UnixSocket.connect(UnixSocket.Type.SEQPACKET, folder.resolve("s").toString());
    }

    private static Message receive(UnixSocket socket) {
        byte[] bytes = new byte[Message.BYTES];
        List<Integer> fds = new ArrayList<>();
        Poll.of(socket.fd(), Poll.IN).await(10_000);
        assertThat(socket.receive(bytes, 0, Message.BYTES, fds)).isEqualTo(Message.BYTES);
        return Message.of(bytes);
    }

    private static void send(UnixSocket socket, Message message, int... fds) {
        assertThat(socket.send(message.bytes(), 0, Message.BYTES, fds)).isEqualTo(Message.BYTES);
    }

    private static void ask(UnixSocket socket, Message message, int... fds) {
        send(socket, message, fds);
        assertThat(receive(socket).type()).isEqualTo(Message.Type.ACK);
    }

    /// As far as the regions.
    private UnixSocket begin() {
        UnixSocket socket = connect();
        assertThat(receive(socket).type()).isEqualTo(Message.Type.HELLO);
        ask(socket, Message.init(0, ""));
        return socket;
    }

    private UnixSocket establish(NetDevice server) {
        Layout.putCookie(c2s);
        Layout.putCookie(s2c);
        for (int slot = 0; slot < SLOTS; slot++) {
            offer(c2s, slot, 0);
            offer(s2c, slot, 2048);
        }
        UnixSocket socket = begin();
        ask(socket, Message.addRegion(0, memory.length()), memory.fd());
        ask(socket, Message.addRing(true, 0, 0, 6), events.get(0).fd());
        ask(
                socket,
                Message.addRing(false, 0, Layout.bytes(SLOTS), 6),
                events.get(1).fd());
        send(socket, Message.connect("x"));
        assertThat(receive(socket).type()).isEqualTo(Message.Type.CONNECTED);
        assertThat(server.awaitLink(Duration.ofSeconds(10))).isTrue();
        return socket;
    }

    private static void offer(long ring, int slot, int length) {
        Layout.write(Layout.descriptor(ring, slot), Layout.word(0, 0, length), BUFFERS + slot * 2048L);
    }

    private void put(int slot, int flags, int region, int length, long offset) {
        Layout.write(Layout.descriptor(c2s, slot), Layout.word(flags, region, length), offset);
    }

    private void head(long ring, int head) {
        Memory.putShortRelease(Layout.head(ring), (short) head);
    }

    private static void assertCounted(NetDevice server, String counter, long count) {
        assertThat(server.statistics().details()).containsEntry(counter, count);
    }

    private void assertRefused(UnixSocket socket, NetDevice server, String reason) {
        Message last = receive(socket);
        assertThat(last.type()).isEqualTo(Message.Type.DISCONNECT);
        assertThat(last.reason()).isEqualTo(reason);
        socket.close();
        assertThat(server.link().reason()).isEqualTo(reason);
        establish(server).close(); // it goes on with the next
        while (server.link().up()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void messagesThatAreWrongEndTheConnectionWithAReason() {
        try (NetDevice server = server()) {
            UnixSocket socket = connect();
            receive(socket);
            assertThat(socket.send(new byte[100], 0, 100)).isEqualTo(100);
            assertRefused(socket, server, "the other side sent 100 bytes, and a message has 128");

            socket = connect();
            receive(socket);
            send(socket, Message.connect("early"));
            assertRefused(socket, server, "CONNECT came where [INIT] was due");

            socket = begin();
            send(socket, Message.addRegion(1, 4096), memory.fd());
            assertRefused(socket, server, "region 1 came where region 0 was due");

            socket = begin();
            send(socket, Message.addRegion(0, 4096));
            assertRefused(socket, server, "ADD_REGION came with 0 descriptors, not with 1");

            socket = begin();
            send(socket, Message.addRegion(0, 4096), memory.fd(), memory.fd());
            assertRefused(socket, server, "ADD_REGION came with 2 descriptors, not with 1");

            socket = begin();
            long length = memory.length();
            send(socket, Message.addRegion(0, length + 1), memory.fd());
            assertRefused(
                    socket,
                    server,
                    "region 0 is said to have %d bytes, and its file has %d".formatted(length + 1, length));

            socket = begin();
            send(socket, Message.addRegion(0, -1), memory.fd());
            assertRefused(socket, server, "region 0 is said to have -1 bytes, and its file has " + length);
        }
    }

    @Test
    void ringsThatCannotBeAreRefused() {
        try (NetDevice server = server()) {
            refuseRing(server, Message.addRing(true, 1, 0, 6), "ring 1 is one too many or came twice");
            refuseRing(server, Message.addRing(true, 0, 4, 6), "ring 0 of 2^6 slots at offset 4 of region 0 can't be");
            refuseRing(
                    server, Message.addRing(true, 0, 0, 15), "ring 0 of 2^15 slots at offset 0 of region 0 can't be");
            refuseRing(
                    server,
                    Message.addRing(true, 0, memory.length() - 64, 6),
                    "ring 0 reaches beyond the end of region 0");
            refuseRing(server, Message.addRing(true, 0, 0xFFFF_FFF8L, 6), "ring 0 reaches beyond the end of region 0");

            UnixSocket socket = begin();
            ask(socket, Message.addRegion(0, memory.length()), memory.fd());
            send(socket, Message.addRing(true, 0, 0, 6), memory.fd());
            Message last = receive(socket);
            assertThat(last.reason()).startsWith("use a descriptor that was received as an event counter");
            socket.close();

            socket = begin();
            ask(socket, Message.addRegion(0, memory.length()), memory.fd());
            ask(socket, Message.addRing(true, 0, BUFFERS, 6), events.get(0).fd());
            send(socket, Message.connect("x"));
            assertRefused(socket, server, "a ring has not the cookie that says it is one");
        }
    }

    private void refuseRing(NetDevice server, Message ring, String reason) {
        UnixSocket socket = begin();
        ask(socket, Message.addRegion(0, memory.length()), memory.fd());
        send(socket, ring, events.get(0).fd());
        assertRefused(socket, server, reason);
    }

    @Test
    void slotsThatPointAstrayAreCountedAndNotFollowed() {
        try (NetDevice server = server();
                UnixSocket socket = establish(server)) {
            put(0, 0, 1, 60, BUFFERS); // no such region
            put(1, 0, 0xFFFF, 60, BUFFERS);
            put(2, 0, 0, 60, memory.length() - 59); // one byte too many
            put(3, 0, 0, -1, 0);
            put(4, 0, 0, 60, 0xFFFF_FFFFL);
            put(5, 0, 0, 0, BUFFERS);
            put(6, 0, 0, 70_000, 0);
            put(7, 0, 0, 60, memory.length() - 60);
            head(c2s, 8);
            assertThat(server.rx(0).receive(packets)).isEqualTo(1);
            PacketPool.release(packets, 0, 1);
            assertCounted(server, "rx_bad_buffer", 5);
            assertCounted(server, "rx_empty", 1);
            assertCounted(server, "rx_too_long", 1);
            assertThat(server.rx(0).pool().available()).isEqualTo(POOL);
            assertThat(socket.fd()).isNotNegative();
        }
    }

    @Test
    void anIndexThatJumpsIsCountedAndNotFollowed() {
        try (NetDevice server = server();
                UnixSocket socket = establish(server)) {
            head(c2s, SLOTS + 1);
            assertThat(server.rx(0).receive(packets)).isZero();
            head(c2s, -1);
            assertThat(server.rx(0).receive(packets)).isZero();
            assertCounted(server, "rx_bad_index", 2);
            head(s2c, SLOTS + 1);
            try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 4)) {
                long[] one = {pool.allocateCopy(new byte[60])};
                assertThat(server.tx(0).send(one, 0, 1)).isZero();
                assertCounted(server, "tx_bad_index", 1);
                head(s2c, 1);
                assertThat(server.tx(0).send(one, 0, 1)).isEqualTo(1);
            }
            assertThat(socket.fd()).isNotNegative();
        }
    }

    @Test
    void aChainWithoutEndIsCountedAndPassedOver() {
        try (NetDevice server = server();
                UnixSocket socket = establish(server)) {
            for (int slot = 0; slot < SLOTS; slot++) {
                put(slot, Layout.NEXT, 0, 10, BUFFERS);
            }
            head(c2s, SLOTS - 1);
            assertThat(server.rx(0).receive(packets))
                    .as("its end may still come")
                    .isZero();
            head(c2s, SLOTS);
            assertThat(server.rx(0).receive(packets)).isZero();
            assertCounted(server, "rx_bad_chain", 1);
            put(0, 0, 0, 60, BUFFERS);
            head(c2s, SLOTS + 1);
            assertThat(server.rx(0).receive(packets)).isEqualTo(1);
            PacketPool.release(packets, 0, 1);
            assertThat(server.rx(0).pool().available()).isEqualTo(POOL);
            assertThat(socket.fd()).isNotNegative();
        }
    }

    @Test
    void buffersThatAreNowhereStayEmpty() {
        try (NetDevice server = server();
                UnixSocket socket = establish(server);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 4)) {
            Layout.write(Layout.descriptor(s2c, 0), Layout.word(0, 7, 2048), BUFFERS);
            Layout.write(Layout.descriptor(s2c, 1), Layout.word(0, 0, 2048), memory.length() - 2047);
            head(s2c, 4);
            long[] one = {pool.allocateCopy(new byte[100])};
            assertThat(server.tx(0).send(one, 0, 1)).isEqualTo(1);
            assertCounted(server, "tx_bad_buffer", 2);
            assertThat(Memory.getLong(Layout.descriptor(s2c, 0))).isEqualTo(Layout.word(Layout.NEXT, 7, 0));
            assertThat(Memory.getLong(Layout.descriptor(s2c, 2))).isEqualTo(Layout.word(0, 0, 100));
            assertThat(socket.fd()).isNotNegative();
        }
    }

    private static RingMemory thatCanBeShortened(int length) {
        int fd = Mman.memfd("barewire-test", 0);
        Fd.truncate(fd, length);
        long address = Mman.map(0, length, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED, fd, 0);
        return new RingMemory(fd, address, length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30_000})
    void memoryThatIsTakenAwayEndsTheConnectionOnly(int callsBefore) { // some of which are compiled by then
        RingMemory gone = thatCanBeShortened(1 << 20);
        try (NetDevice server = server()) {
            Layout.putCookie(gone.address());
            UnixSocket socket = begin();
            ask(socket, Message.addRegion(0, gone.length()), gone.fd());
            ask(socket, Message.addRing(true, 0, 0, 6), events.get(0).fd());
            send(socket, Message.connect("x"));
            assertThat(receive(socket).type()).isEqualTo(Message.Type.CONNECTED);
            server.awaitLink(Duration.ofSeconds(10));
            for (int i = 0; i < callsBefore; i++) {
                server.rx(0).await(0);
                assertThat(server.rx(0).receive(packets)).isZero();
            }
            Fd.truncate(gone.fd(), 0);
            for (int polls = 0; server.link().up(); polls++) {
                assertThat(polls).isLessThan(100_000_000);
                assertThat(server.rx(0).receive(packets)).isZero();
                server.rx(0).await(1_000_000);
            }
            assertThat(server.link().reason()).isEqualTo("the other side has taken its memory away");
            assertThat(server.rx(0).pool().available()).isEqualTo(POOL);
            socket.close();
        } finally {
            gone.close();
        }
    }

    /// A million by default; more by -Dbarewire.corruptions.
    @Test
    void noCorruptionOfALiveRingLeadsAstray() {
        int corruptions = Integer.getInteger("barewire.corruptions", 1_000_000);
        SplittableRandom random = new SplittableRandom(1);
        try (NetDevice server = server();
                UnixSocket socket = establish(server);
                PacketPool pool = PacketPool.create(PacketMemory.standard(), 64)) {
            int rings = (int) (2 * Layout.bytes(SLOTS));
            int received = 0;
            for (int i = 0; i < corruptions; i++) {
                long at = memory.address() + random.nextInt(rings);
                boolean tail = (at & -2) == Layout.tail(c2s) || (at & -2) == Layout.tail(s2c); // the server's to say
                at += tail ? 2 : 0;
                Memory.putByte(at, (byte) (random.nextBoolean() ? random.nextInt() : 1 << random.nextInt(8)));
                if ((i & 7) == 0) {
                    int n = server.rx(0).receive(packets, 0, 1 + random.nextInt(63));
                    PacketPool.release(packets, 0, n);
                    received += n;
                    long[] one = {pool.allocateCopy(new byte[60])};
                    server.tx(0).sendOrRelease(one, 1);
                    repair(random);
                }
            }
            assertThat(received).as("packets that came nevertheless").isGreaterThan(corruptions / 50);
            assertThat(server.link().up()).isTrue();
            assertThat(server.statistics().rxErrors()).isGreaterThan(corruptions / 200);
            assertThat(server.rx(0).pool().available()).isEqualTo(POOL);
            assertThat(pool.available()).isEqualTo(64);
            assertThat(socket.fd()).isNotNegative();
        }
    }

    /// Goes on as a client would, so that the ring lives: a few good slots, and indexes that fit.
    private void repair(SplittableRandom random) {
        int tail = Memory.getShort(Layout.tail(c2s)) & 0xFFFF;
        int count = random.nextInt(8);
        for (int slot = 0; slot < count; slot++) {
            put(tail + slot & SLOTS - 1, 0, 0, 60, BUFFERS);
        }
        head(c2s, tail + count);
        int free = Memory.getShort(Layout.tail(s2c)) & 0xFFFF;
        offer(s2c, free & SLOTS - 1, 2048);
        head(s2c, free + random.nextInt(8));
    }
}
