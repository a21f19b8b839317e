package org.barewire.drivers.memif;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.barewire.core.device.DeviceConfig;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.linux.Poll;
import org.barewire.core.linux.UnixSocket;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that does not keep to the protocol, played by hand against a client.
class HostileServerTest {
    private static final int SLOTS = 64;
    private static final int POOL = 256;
    private static final long LONG = 60_000_000_000L; // nanoseconds
    private static final DeviceConfig CONFIG =
            DeviceConfig.standard().withDescriptors(64, 64).withPoolSize(POOL);

    @TempDir
    private Path folder;

    private final long[] packets = new long[64];
    private final List<UnixSocket> sockets = new ArrayList<>();
    private long rings; // mapped
    private long length;
    private final List<EventFd> events = new ArrayList<>(); // of the client's S2C rings

    @BeforeEach
    void listen() {
        sockets.add(
                UnixSocket.listen(UnixSocket.Type.SEQPACKET, folder.resolve("s").toString()));
    }

    @AfterEach
    void close() {
        sockets.forEach(UnixSocket::close);
        events.forEach(EventFd::close);
        unmap();
    }

    private void unmap() {
        if (rings != 0) {
            Mman.unmap(rings, length);
            rings = 0;
        }
    }

    private NetDevice client(String options) {
        return NetDevice.open("memif:" + folder.resolve("s") + "?ring-size=64&" + options, CONFIG);
    }

    private UnixSocket accept() {
        UnixSocket listener = sockets.getFirst();
        UnixSocket socket = null;
        while (socket == null) {
            Poll.of(listener.fd(), Poll.IN).await(10_000);
            socket = listener.accept();
        }
        sockets.add(socket);
        return socket;
    }

    private static void send(UnixSocket socket, Message message) {
        assertThat(socket.send(message.bytes(), 0, Message.BYTES)).isEqualTo(Message.BYTES);
    }

    private static Message receive(UnixSocket socket, List<Integer> fds) {
        byte[] bytes = new byte[Message.BYTES];
        Poll.of(socket.fd(), Poll.IN).await(10_000);
        assertThat(socket.receive(bytes, 0, Message.BYTES, fds)).isEqualTo(Message.BYTES);
        return Message.of(bytes);
    }

    /// Answers the client until it is connected, and maps its first region, in which its rings are.
    private UnixSocket establish(NetDevice client) {
        UnixSocket socket = accept();
        send(socket, Message.hello(1, 256));
        while (true) {
            List<Integer> fds = new ArrayList<>();
            Message message = receive(socket, fds);
            if (message.type() == Message.Type.ADD_REGION && message.uint16(2) == 0) {
                unmap();
                length = message.int64(4);
                rings = Mman.map(0, length, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED, fds.getFirst(), 0);
            }
            if (message.type() == Message.Type.ADD_RING && (message.uint16(2) & Message.RING_C2S) == 0) {
                events.add(EventFd.adopt(fds.removeFirst()));
            }
            fds.forEach(Fd::close);
            if (message.type() == Message.Type.CONNECT) {
                break;
            }
            send(socket, Message.ack());
        }
        send(socket, Message.connected("x"));
        assertThat(client.awaitLink(Duration.ofSeconds(10))).isTrue();
        return socket;
    }

    private long s2c() {
        return rings + Layout.bytes(SLOTS);
    }

    private void put(int slot, int flags, int bytes) {
        Memory.putLong(Layout.descriptor(s2c(), slot), Layout.word(flags, 0, bytes));
    }

    private void tail(int tail) {
        Memory.putShortRelease(Layout.tail(s2c()), (short) tail);
    }

    @Test
    void anotherVersionIsRefused() {
        try (NetDevice client = client("id=0")) {
            UnixSocket socket = accept();
            byte[] hello = Message.hello(1, 256).bytes();
            hello[35] = 3;
            assertThat(socket.send(hello, 0, hello.length)).isEqualTo(Message.BYTES);
            Message answer = receive(socket, new ArrayList<>());
            assertThat(answer.reason()).isEqualTo("the other side does not speak version 2.0");
            assertThat(client.link().up()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-copy=no", "zero-copy=yes"})
    void whatCannotBeInABufferIsCountedAndNotFollowed(String mode) {
        try (NetDevice client = client(mode)) {
            establish(client);
            assertThat(client.rx(0).receive(packets)).isZero(); // offers buffers
            put(0, 0, 1 << 20);
            put(1, 0, -1);
            put(2, 0, 0);
            put(3, 0, 60);
            tail(4);
            assertThat(client.rx(0).receive(packets)).isEqualTo(1);
            PacketPool.release(packets, 0, 1);
            assertThat(client.statistics().details())
                    .containsEntry("rx_bad_buffer", 2L)
                    .containsEntry("rx_empty", 1L);
            tail(4 + SLOTS + 1);
            assertThat(client.rx(0).receive(packets)).isZero();
            assertThat(client.statistics().details()).containsEntry("rx_bad_index", 1L);
            for (int slot = 0; slot < SLOTS; slot++) {
                put(slot, Layout.NEXT, 60);
            }
            tail(Memory.getShort(Layout.head(s2c()))); // every slot that there is
            assertThat(client.rx(0).receive(packets)).isZero();
            assertThat(client.statistics().details()).containsEntry("rx_bad_chain", 1L);
        }
    }

    /// A thread that sleeps at the client's queue, as soon as it does.
    private FutureTask<Boolean> sleep(RxQueue rx) {
        rx.receive(packets); // offers buffers
        while (rx.await(0)) {
            // the connection's coming has been told
        }
        FutureTask<Boolean> sleep = new FutureTask<>(() -> rx.await(LONG));
        Thread.ofPlatform().daemon().name("sleeper").start(sleep);
        while (!Layout.wantsInterrupt(s2c())) {
            Thread.onSpinWait();
        }
        return sleep;
    }

    private static void assertWakes(FutureTask<Boolean> sleep) throws Exception {
        assertThat(sleep.get(LONG / 2, TimeUnit.NANOSECONDS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-copy=no", "zero-copy=yes"})
    void onlyWhoSleepsWantsToBeWoken(String mode) throws Exception {
        try (NetDevice client = client(mode)) {
            establish(client);
            RxQueue rx = client.rx(0);
            assertThat(Layout.wantsInterrupt(s2c())).isFalse();
            FutureTask<Boolean> sleep = sleep(rx);
            put(0, 0, 60);
            tail(1);
            events.getFirst().signal();
            assertWakes(sleep);
            assertThat(Layout.wantsInterrupt(s2c())).isFalse();
            assertThat(rx.receive(packets)).isEqualTo(1);
            PacketPool.release(packets, 0, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-copy=no", "zero-copy=yes"})
    void aServerThatGoesAwayEndsTheSleepAndTheNextOneWakes(String mode) throws Exception {
        try (NetDevice client = client(mode)) {
            RxQueue rx = client.rx(0);
            for (int round = 0; round < 5; round++) {
                UnixSocket socket = establish(client);
                FutureTask<Boolean> sleep = sleep(rx);
                put(0, 0, 60);
                tail(1);
                events.getLast().signal();
                assertWakes(sleep);
                assertThat(rx.receive(packets)).isEqualTo(1);
                PacketPool.release(packets, 0, 1);
                sleep = sleep(rx);
                socket.close();
                assertWakes(sleep);
            }
        }
    }

    @Test
    void aThreadSleepsWithoutAConnectionUntilThereIsOne() throws Exception {
        try (NetDevice client = client("id=0")) {
            RxQueue rx = client.rx(0);
            assertThat(rx.await(1_000_000)).isFalse();
            FutureTask<Boolean> sleep = new FutureTask<>(() -> rx.await(LONG));
            Thread.ofPlatform().daemon().name("sleeper").start(sleep);
            establish(client);
            assertWakes(sleep);
        }
    }

    @Test
    void aCounterThatIsAlwaysSignalledKeepsNobodyAndOneThatNeverIsHoldsNobody() {
        try (NetDevice client = client("id=0")) {
            establish(client);
            RxQueue rx = client.rx(0);
            for (int i = 0; i < 1000; i++) {
                events.getFirst().signal();
                assertThat(rx.await(LONG)).isTrue();
            }
            assertThat(rx.await(1_000_000)).isFalse();
            put(0, 0, 60);
            tail(1); // not signalled
            assertThat(rx.await(LONG)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zero-copy=no", "zero-copy=yes"})
    void aPortMayBeClosedWhileAThreadSleeps(String mode) throws Exception {
        NetDevice client = client(mode);
        establish(client);
        RxQueue rx = client.rx(0);
        FutureTask<Boolean> sleep = sleep(rx);
        client.close();
        assertWakes(sleep);
        assertThat(rx.receive(packets)).isZero();
        rx.await(1000);
    }

    /// A million by default; more by -Dbarewire.corruptions.
    @ParameterizedTest
    @ValueSource(strings = {"zero-copy=no", "zero-copy=yes"})
    void noCorruptionOfALiveRingLeadsAstray(String mode) {
        int corruptions = Integer.getInteger("barewire.corruptions", 1_000_000);
        SplittableRandom random = new SplittableRandom(2);
        try (PacketPool pool = PacketPool.create(PacketMemory.standard(), 256)) {
            try (NetDevice client = client(mode)) {
                establish(client);
                int bytes = (int) (2 * Layout.bytes(SLOTS));
                int received = 0;
                for (int i = 0; i < corruptions; i++) {
                    long at = rings + random.nextInt(bytes);
                    boolean head = (at & -2) == Layout.head(rings) || (at & -2) == Layout.head(s2c());
                    at += head ? 2 : 0; // the client's to say
                    Memory.putByte(at, (byte) (random.nextBoolean() ? random.nextInt() : 1 << random.nextInt(8)));
                    if ((i & 7) == 0) {
                        int n = client.rx(0).receive(packets, 0, 1 + random.nextInt(63));
                        PacketPool.release(packets, 0, n);
                        received += n;
                        long one = pool.allocateCopy(new byte[60]);
                        if (one != 0) {
                            client.tx(0).sendOrRelease(new long[] {one}, 1);
                        }
                        repair(random);
                    }
                }
                assertThat(received).as("packets that came nevertheless").isGreaterThan(corruptions / 50);
                assertThat(client.link().up()).isTrue();
                assertThat(client.statistics().rxErrors()).isGreaterThan(corruptions / 200);
            }
            assertThat(pool.available()).isEqualTo(256);
        }
    }

    /// Goes on as a server would, so that the rings live: takes what was sent, fills a few of the slots.
    private void repair(SplittableRandom random) {
        Memory.putShortRelease(Layout.tail(rings), Memory.getShort(Layout.head(rings)));
        int offered = Memory.getShort(Layout.head(s2c())) & 0xFFFF;
        int filled = offered - SLOTS + random.nextInt(40);
        for (int slot = offered - SLOTS; slot < filled; slot++) {
            put(slot & SLOTS - 1, 0, 60);
        }
        tail(filled);
    }
}
