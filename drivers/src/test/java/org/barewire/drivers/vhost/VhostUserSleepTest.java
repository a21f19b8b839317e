package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barewire.drivers.peer.Links.awaitReason;

import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.time.Duration;
import org.barewire.core.device.NetDevice;
import org.barewire.core.device.RxQueue;
import org.barewire.core.linux.Fd;
import org.barewire.core.memory.Memory;
import org.barewire.core.packet.Packet;
import org.barewire.drivers.peer.Sleeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A thread that sleeps at a receive queue, and front ends that come and go, kick too often, never, or take
/// their memory away meanwhile.
class VhostUserSleepTest {
    private static final int TX = 1; // the driver's
    private static final long SPLIT = VirtioNet.F_VERSION_1;
    private static final long PACKED = VirtioNet.F_VERSION_1 | VirtioNet.F_RING_PACKED;

    @TempDir
    private Path directory;

    private final Guest guest = new Guest();
    private final long[] packets = new long[8];
    private String path;
    private NetDevice device;
    private RxQueue rx;
    private volatile boolean stop;

    @BeforeEach
    void open() {
        path = directory.resolve("s").toString();
        device = NetDevice.open("vhost-user:" + path);
        rx = device.rx(0);
    }

    @AfterEach
    void close() {
        device.close();
        guest.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {SPLIT, SPLIT | VirtioNet.F_EVENT_IDX, PACKED, PACKED | VirtioNet.F_EVENT_IDX})
    void theFirstFrameOfEachFrontEndWakesAndSoDoesItsEnd(long features) {
        try (Sleeper sleeper = new Sleeper(rx)) {
            for (int session = 1; session <= 5; session++) {
                sleeper.awaitAsleep(); // without a ring
                try (PlayedFrontEnd front = start(features)) {
                    awaitAsked(features);
                    assertThat(deliver(front, features, 0)).isTrue();
                    sleeper.awaitReceived(2 * session - 1);
                    awaitAsked(features);
                    assertThat(deliver(front, features, 1)).isTrue();
                    sleeper.awaitReceived(2 * session);
                }
                awaitReason(device, "is gone");
                guest.clearRings();
            }
            assertThat(sleeper.waits()).isLessThan(5 * 20); // and not a nap after another
            sleeper.awaitEnd(device::close);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {SPLIT, SPLIT | VirtioNet.F_EVENT_IDX, PACKED, PACKED | VirtioNet.F_EVENT_IDX})
    void aDriverIsAskedToKickOnlyWhileTheThreadSleeps(long features) {
        try (PlayedFrontEnd front = start(features)) {
            forgetWakes();
            for (int slot = 0; slot < 10; slot++) {
                assertThat(deliver(front, features, slot)).isFalse();
                if (slot % 2 == 0) {
                    assertThat(rx.await(Sleeper.FOREVER)).isTrue(); // it is there already
                }
                receiveOne();
                if (slot % 3 == 0) {
                    assertThat(rx.await(1_000_000)).isFalse();
                }
            }
        }
    }

    /// As rings are while their memory, or what is known of them, changes.
    @Test
    void aRingThatIsTakenAwayDoesNotWaitForTheSleeper() {
        try (PlayedFrontEnd front = start(SPLIT);
                Sleeper sleeper = new Sleeper(rx)) {
            for (int i = 0; i < 20; i++) {
                sleeper.awaitAsleep();
                front.accepted(VhostMessage.ofRing(VhostRequest.SET_VRING_ENABLE, TX, i % 2));
            }
            awaitAsked(SPLIT);
            assertThat(deliver(front, SPLIT, 0)).isTrue();
            sleeper.awaitReceived(1);
            sleeper.awaitEnd(device::close);
        }
    }

    @Test
    void whatIsNeverKickedEndsTheWaitInTime() {
        try (PlayedFrontEnd front = start(SPLIT)) {
            forgetWakes();
            long start = System.nanoTime();
            assertThat(rx.await(20_000_000)).isFalse();
            assertThat(System.nanoTime() - start).isBetween(20_000_000L, 10_000_000_000L);
            assertThat(front.kick.drain()).isFalse();
        }
    }

    @Test
    void whatIsAlwaysKickedKeepsNoFrameAway() throws InterruptedException {
        try (PlayedFrontEnd front = start(SPLIT)) {
            Thread nuisance = Thread.ofPlatform().start(() -> {
                while (!stop) {
                    front.kick.signal();
                }
            });
            for (int i = 0; i < 1000; i++) {
                assertThat(rx.await(Sleeper.FOREVER)).isTrue();
                deliver(front, SPLIT, i % Guest.SIZE);
                assertThat(rx.await(Sleeper.FOREVER)).isTrue();
                receiveOne();
            }
            stop = true;
            nuisance.join();
        }
    }

    /// An available index that can't be is no reason to stay awake.
    @Test
    void anIndexOutOfRangeDoesNotWake() {
        try (PlayedFrontEnd front = start(SPLIT)) {
            forgetWakes();
            guest.setAvailableIndex(TX, Guest.SIZE + 1);
            assertThat(rx.await(1_000_000)).isFalse();
            front.kick.signal();
            assertThat(rx.await(Sleeper.FOREVER)).isTrue();
            assertThat(rx.receive(packets)).isZero();
        }
    }

    @Test
    void aThreadThatNobodyKicksNaps() {
        try (PlayedFrontEnd front = start(SPLIT)) {
            front.accepted(VhostMessage.ofLongs(VhostRequest.SET_VRING_KICK, TX | VhostRequest.NO_FD));
            forgetNews();
            long start = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                assertThat(rx.await(Sleeper.FOREVER)).isTrue();
            }
            assertThat(System.nanoTime() - start).isBetween(500_000L, 10_000_000_000L);
            deliver(front, SPLIT, 0);
            assertThat(rx.await(Sleeper.FOREVER)).isTrue();
            receiveOne();
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void memoryThatIsTakenWhileTheThreadSleepsEndsTheConnection(boolean packed, boolean compiled) {
        try (PlayedFrontEnd front = start(packed ? PACKED : SPLIT)) {
            for (int i = 0; i < (compiled ? 50_000 : 1); i++) {
                rx.await(0);
            }
            try (Sleeper sleeper = new Sleeper(rx)) {
                sleeper.awaitAsleep();
                Fd.truncate(guest.files.getFirst(), 0);
                front.kick.signal();
                awaitReason(device, "memory that it has taken away");
                sleeper.awaitAsleep();
                sleeper.awaitEnd(device::close);
            }
            assertThat(device.statistics().details()).containsEntry("rx_faults", 1L);
        }
    }

    @Test
    void memoryThatIsTakenBeforeTheThreadSleepsEndsTheConnection() {
        try (PlayedFrontEnd front = start(SPLIT)) {
            for (int i = 0; i < 50_000; i++) {
                rx.await(0);
            }
            Fd.truncate(guest.files.getFirst(), 0);
            try (Sleeper sleeper = new Sleeper(rx)) {
                awaitReason(device, "memory that it has taken away");
                sleeper.awaitAsleep();
                sleeper.awaitEnd(device::close);
            }
            assertThat(front.kick.drain()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingThePortEndsTheSleep(boolean connected) {
        try (PlayedFrontEnd front = connected ? start(SPLIT) : null;
                Sleeper sleeper = new Sleeper(rx)) {
            sleeper.awaitAsleep();
            sleeper.awaitEnd(device::close);
            assertThat(front == null || !front.kick.drain()).isTrue();
        }
    }

    private PlayedFrontEnd start(long features) {
        PlayedFrontEnd front = new PlayedFrontEnd(path);
        front.negotiate(features);
        front.accepted(PlayedFrontEnd.table(guest));
        int base = (features & VirtioNet.F_RING_PACKED) == 0 ? 0 : 1 << 15;
        front.ring(0, base);
        front.ring(TX, base);
        assertThat(device.awaitLink(Duration.ofSeconds(10))).isTrue();
        return front;
    }

    /// Waits once, for what was meant for the sleep before, and then in vain.
    private void forgetWakes() {
        forgetNews();
        assertThat(rx.await(0)).isFalse();
    }

    private void forgetNews() {
        rx.await(0);
        assertThat(rx.receive(packets)).isZero();
    }

    /// Puts a frame into the driver's ring, and kicks if that is asked for; says whether.
    private boolean deliver(PlayedFrontEnd front, long features, int slot) {
        guest.frame(Guest.buffer(TX, slot), 60, 7);
        int index = availableIndex();
        boolean packed = (features & VirtioNet.F_RING_PACKED) != 0;
        if (packed) {
            guest.packed(TX, slot, Guest.buffer(TX, slot), VirtioNet.HEADER + 60, 0, slot);
        } else {
            guest.descriptor(Guest.descriptors(TX), slot, Guest.buffer(TX, slot), VirtioNet.HEADER + 60, 0, 0);
            guest.offer(TX, slot);
        }
        VarHandle.fullFence(); // the device asks to be kicked, then looks for a chain; so the other way here
        return isAsked(features, index) && front.kick.signal();
    }

    private int availableIndex() {
        return Memory.getShort(guest.at(Guest.available(TX)) + VirtioNet.RING_INDEX);
    }

    /// Whether the device wants to be kicked when the chain with an index has been put into the ring.
    private boolean isAsked(long features, int index) {
        long device = guest.at(Guest.used(TX));
        if ((features & VirtioNet.F_RING_PACKED) != 0) {
            return Memory.getShort(device + VirtioNet.EVENT_FLAGS) == VirtioNet.EVENT_ENABLE;
        }
        return (features & VirtioNet.F_EVENT_IDX) != 0
                ? Memory.getShort(device + VirtioNet.RING_ENTRIES + 8L * Guest.SIZE) == (short) index
                : Memory.getShort(device + VirtioNet.RING_FLAGS) == 0;
    }

    /// Waits until the device wants to be kicked for the next chain.
    private void awaitAsked(long features) {
        long start = System.nanoTime();
        do {
            assertThat(System.nanoTime() - start).as("nobody asks").isLessThan(10_000_000_000L);
            VarHandle.fullFence();
        } while (!isAsked(features, availableIndex()));
    }

    private void receiveOne() {
        assertThat(rx.receive(packets)).isEqualTo(1);
        Packet.release(packets[0]);
    }
}
