package org.barewire.drivers.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.time.Duration;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.EventFd;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.peer.Sleeper;
import org.barewire.drivers.vhost.VhostRequest;
import org.barewire.drivers.vhost.VirtioNet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A thread that sleeps at a receive queue, and peers that come and go, call too often, or never.
class VirtioUserSleepTest {
    private static final long MODERN =
            VirtioNet.F_VERSION_1 | VirtioNet.F_RING_PACKED | VhostRequest.F_PROTOCOL_FEATURES;
    private static final byte[] FRAME = new byte[12 + 60];

    @TempDir
    Path folder;

    private String path = "";
    private volatile boolean stop;

    @BeforeEach
    void name() {
        path = folder.resolve("s").toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"split", "packed"})
    void theFirstPacketOfEachSessionWakesAndSoDoesItsEnd(String ring) {
        try (FakePeer peer = new FakePeer(path, MODERN, 0, 1);
                NetDevice port = open(ring);
                Sleeper sleeper = new Sleeper(port.rx(0))) {
            for (int session = 1; session <= 5; session++) {
                sleeper.awaitAsleep(); // without a ring
                peer.serve(2);
                awaitBuffers(peer, sleeper);
                assertThat(deliver(peer)).isTrue();
                sleeper.awaitReceived(session);
                sleeper.awaitAsleep();
                peer.hangUp();
                awaitBuffersBack(port);
            }
            assertThat(sleeper.waits()).isLessThan(5 * 20); // and not a nap after another
            sleeper.awaitEnd(port::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"split", "packed"})
    void aPeerIsAskedToCallOnlyWhileTheThreadSleeps(String ring) {
        try (FakePeer peer = new FakePeer(path, MODERN, 0, 1);
                NetDevice port = open(ring)) {
            RxQueue rx = start(peer, port);
            assertThat(deliver(peer)).isFalse();
            assertThat(rx.await(Sleeper.FOREVER)).isTrue(); // it is there already
            assertThat(rx.receive(new long[8])).isEqualTo(1);
            assertThat(deliver(peer)).isFalse();
            assertThat(rx.receive(new long[8])).isEqualTo(1);
            assertThat(rx.await(1_000_000)).isFalse();
        }
    }

    @Test
    void whatIsNeverSignalledEndsTheWaitInTime() {
        try (FakePeer peer = new FakePeer(path, MODERN, 0, 1);
                NetDevice port = open("split")) {
            RxQueue rx = start(peer, port);
            long start = System.nanoTime();
            assertThat(rx.await(20_000_000)).isFalse();
            assertThat(System.nanoTime() - start).isBetween(20_000_000L, 10_000_000_000L);
        }
    }

    @Test
    void whatIsAlwaysSignalledKeepsNoPacketAway() throws InterruptedException {
        try (FakePeer peer = new FakePeer(path, MODERN, 0, 1);
                NetDevice port = open("split")) {
            RxQueue rx = start(peer, port);
            EventFd call = peer.call(0);
            Thread nuisance = Thread.ofPlatform().start(() -> {
                while (!stop) {
                    call.signal();
                }
            });
            long[] packets = new long[8];
            for (int i = 0; i < 1000; i++) {
                assertThat(rx.await(Sleeper.FOREVER)).isTrue();
                peer.ring(0).deliver(FRAME);
                assertThat(rx.await(Sleeper.FOREVER)).isTrue();
                assertThat(rx.receive(packets)).isEqualTo(1);
                Packet.release(packets[0]);
            }
            stop = true;
            nuisance.join();
        }
    }

    @Test
    void aPeerThatIsGoneCanNeitherWakeNorKeepAsleep() {
        try (FakePeer peer = new FakePeer(path, MODERN, 0, 1);
                NetDevice port = open("split")) {
            start(peer, port);
            EventFd old = peer.call(0);
            peer.hangUp();
            RxQueue rx = start(peer, port);
            old.signal();
            assertThat(rx.await(1_000_000)).isFalse();
            assertThat(peer.call(0).signal()).isTrue();
            old.drain(); // reads away nothing but its own
            assertThat(rx.await(Sleeper.FOREVER)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingThePortEndsTheSleep(boolean connected) {
        try (FakePeer peer = new FakePeer(path, MODERN, 0, 1);
                NetDevice port = open("split");
                Sleeper sleeper = new Sleeper(port.rx(0))) {
            if (connected) {
                peer.serve(2);
                awaitBuffers(peer, sleeper);
            }
            sleeper.awaitAsleep();
            sleeper.awaitEnd(port::close);
        }
    }

    private NetDevice open(String ring) {
        return NetDevice.open("virtio-user:%s?ring=%s&inorder=no&size=64".formatted(path, ring));
    }

    /// A session of which the queue's thread, this one, has taken note.
    private static RxQueue start(FakePeer peer, NetDevice port) {
        peer.serve(2);
        assertThat(port.awaitLink(Duration.ofSeconds(10))).isTrue();
        RxQueue rx = port.rx(0);
        assertThat(rx.receive(new long[8])).isZero();
        while (rx.await(0)) {} // what was meant for the sleep before
        return rx;
    }

    /// Puts a packet into the ring, and calls if that is asked for; says whether.
    private static boolean deliver(FakePeer peer) {
        assertThat(peer.ring(0).deliver(FRAME)).isTrue();
        VarHandle.fullFence(); // the driver asks to be called, then looks for a packet; so the other way here
        RingLayout layout = peer.ring(0).layout;
        int flags = layout.packed() ? VirtioNet.EVENT_FLAGS : VirtioNet.RING_FLAGS;
        return Memory.getShort(layout.driver() + flags) == 0 && peer.call(0).signal();
    }

    /// Waits until the sleeper has given the peer's ring buffers, and sleeps at it.
    private static void awaitBuffers(FakePeer peer, Sleeper sleeper) {
        RingLayout layout = peer.ring(0).layout;
        long descriptors = layout.packed() ? layout.descriptors() + 8 : layout.driver();
        long start = System.nanoTime();
        while (Memory.getLongAcquire(descriptors & -8) >>> 16 == 0) {
            assertThat(System.nanoTime() - start).as("no buffers").isLessThan(10_000_000_000L);
            Thread.onSpinWait();
        }
        sleeper.awaitAsleep();
    }

    private static void awaitBuffersBack(NetDevice port) {
        long start = System.nanoTime();
        while (port.rx(0).pool().available() < port.rx(0).pool().slots()) {
            assertThat(System.nanoTime() - start)
                    .as("a sleeper that keeps buffers")
                    .isLessThan(10_000_000_000L);
            Thread.onSpinWait();
        }
    }
}
