package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.barewire.core.linux.Mman.MAP_SHARED;
import static org.barewire.core.linux.Mman.PROT_READ;
import static org.barewire.core.linux.Mman.PROT_WRITE;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.Fd;
import org.barewire.core.linux.Mman;
import org.barewire.core.memory.Memory;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.Packet;
import org.barewire.core.packet.PacketPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Back ends that die with chains of a split ring in use, and those that come after them.
class InflightTest {
    private static final int TX = 1; // the driver's
    private static final long LENGTH = 4096;

    private final Guest guest = new Guest();
    private final PacketPool pool = PacketPool.create(PacketMemory.standard(), 8);
    private final VhostRxQueue queue = new VhostRxQueue(pool, 1522);
    private final int file = Mman.memfd("notes", 0);
    private long note;

    @TempDir
    private Path directory;

    @BeforeEach
    void map() {
        Fd.truncate(file, LENGTH);
        note = Mman.map(0, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        for (int i = 0; i < Guest.SIZE; i++) {
            guest.frame(Guest.buffer(TX, i), 60, i);
            guest.descriptor(Guest.descriptors(TX), i, Guest.buffer(TX, i), VirtioNet.HEADER + 60, 0, 0);
        }
    }

    @AfterEach
    void unmap() {
        queue.close();
        Mman.unmap(note, LENGTH);
        Fd.close(file);
        guest.close();
    }

    /// A back end that begins where it is told.
    private Vring backEnd(int base) {
        return guest.setup(TX, VirtioNet.F_VERSION_1, base, queue, new Inflight(note, Guest.SIZE))
                .open();
    }

    private static int[] gather(Vring ring) {
        return Arrays.copyOf(ring.chains.id, ring.gather(Guest.SIZE));
    }

    @Test
    void chainsThatADeadBackEndHadTakenComeFirstAndInTheirOrder() {
        guest.offer(TX, 5, 3, 9, 1);
        assertThat(gather(backEnd(0))).containsExactly(5, 3, 9, 1);

        Vring next = backEnd(0);
        guest.offer(TX, 7);
        assertThat(gather(next)).containsExactly(5, 3, 9, 1);
        next.complete(4);
        assertThat(gather(next)).containsExactly(7);
        next.complete(1);
        assertThat(guest.usedIndex(TX)).isEqualTo(5);
        assertThat(gather(backEnd(5))).isEmpty();
    }

    @Test
    void whatHasBeenGivenBackBeforeTheEndIsNotTakenAgain() {
        guest.offer(TX, 5, 3, 9, 1);
        Vring dead = backEnd(0);
        dead.gather(4);
        dead.complete(2);
        assertThat(gather(backEnd(0))).containsExactly(9, 1);
    }

    @Test
    void aBackEndThatDiedBeforeItMovedTheIndexHasGivenNothingBack() {
        guest.offer(TX, 5, 3);
        int[] heads = gather(backEnd(0));
        new Inflight(note, Guest.SIZE).batch(heads, 2);
        assertThat(gather(backEnd(0))).containsExactly(5, 3);
    }

    @Test
    void aBackEndThatDiedAfterItMovedTheIndexHasGivenEverythingBack() {
        guest.offer(TX, 5, 3);
        int[] heads = gather(backEnd(0));
        new Inflight(note, Guest.SIZE).batch(heads, 2);
        Memory.putShort(guest.at(Guest.used(TX)) + VirtioNet.RING_INDEX, (short) 2);
        assertThat(gather(backEnd(0))).isEmpty();
    }

    @Test
    void aNoteOfAnotherVersionOrSizeIsRefused() {
        Memory.putShort(note + 8, (short) 2);
        assertThatThrownBy(() -> backEnd(0)).isInstanceOf(ProtocolException.class);
        Memory.putShort(note + 8, (short) 1);
        Memory.putShort(note + 10, (short) (Guest.SIZE / 2));
        assertThatThrownBy(() -> backEnd(0)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aNoteFullOfNonsenseLeadsNowhere() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 2_000; i++) {
            for (int at = 0; at < InflightFile.bytes(Guest.SIZE); at += 8) {
                Memory.putLong(note + at, random.nextInt(4) == 0 ? random.nextLong() : 0);
            }
            Memory.putShort(note + 8, (short) 1);
            Memory.putShort(note + 10, (short) Guest.SIZE);
            Vring ring = backEnd(0);
            int[] heads = gather(ring);
            assertThat(heads).doesNotHaveDuplicates();
            ring.complete(heads.length);
        }
    }

    @Test
    void theNextConnectionGoesOnWithTheNoteOfTheFirst() {
        String path = directory.resolve("s").toString();
        try (NetDevice device = NetDevice.open("vhost-user:" + path)) {
            device.rx(0);
            device.tx(0);
            int notes;
            try (PlayedFrontEnd first = new PlayedFrontEnd(path)) {
                first.negotiate(VirtioNet.F_VERSION_1);
                first.send(VhostMessage.ofLongs(VhostRequest.GET_INFLIGHT_FD, 0, 0, Guest.SIZE << 16 | 2));
                try (VhostMessage reply = first.connection.await(10_000)) {
                    assertThat(reply.getLong(0)).isGreaterThanOrEqualTo(2 * InflightFile.bytes(Guest.SIZE));
                    notes = reply.takeFd();
                }
                receive(device, first, notes, 0, 1, 2);
            }
            while (device.link().up()) {
                Thread.onSpinWait();
            }
            try (PlayedFrontEnd second = new PlayedFrontEnd(path)) {
                second.negotiate(VirtioNet.F_VERSION_1);
                receive(device, second, notes, 3, 4);
            }
            Fd.close(notes);
        }
    }

    /// Has frames received, and nothing else.
    private void receive(NetDevice device, PlayedFrontEnd front, int notes, int... heads) {
        long size = 2 * InflightFile.bytes(Guest.SIZE);
        front.accepted(VhostMessage.ofLongs(VhostRequest.SET_INFLIGHT_FD, size, 0, Guest.SIZE << 16 | 2)
                .withFd(notes));
        front.accepted(PlayedFrontEnd.table(guest));
        front.ring(0, 0);
        front.ring(TX, 0); // which is wrong the second time; the note is right
        assertThat(device.awaitLink(Duration.ofSeconds(10))).isTrue();
        guest.offer(TX, heads);
        long[] packets = new long[64];
        int received = 0;
        while (received < heads.length) {
            received += device.rx(0).receive(packets, received, 64 - received);
        }
        for (int i = 0; i < received; i++) {
            assertThat(Packet.getByte(packets[i], 0)).isEqualTo((byte) heads[i]);
        }
        PacketPool.release(packets, 0, received);
        assertThat(device.rx(0).receive(packets)).isZero();
    }
}
