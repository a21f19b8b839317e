package org.barewire.drivers.vhost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barewire.drivers.peer.Links.awaitReason;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.barewire.core.device.NetDevice;
import org.barewire.core.linux.EventFd;
import org.barewire.core.linux.Fd;
import org.barewire.core.memory.PacketMemory;
import org.barewire.core.packet.PacketPool;
import org.barewire.drivers.peer.Leaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A front end that does not keep to the protocol. Whatever it sends ends its connection and nothing else: nothing is
/// left of it, and the next front end is served.
class HostileFrontEndTest {
    private static final long FEATURES = VirtioNet.F_VERSION_1 | VirtioNet.F_MRG_RXBUF;
    private static final int TX = 1; // the driver's

    @TempDir
    private Path directory;

    private final Guest guest = new Guest();
    private final EventFd event = EventFd.create();
    private final long[] packets = new long[8];
    private NetDevice device;
    private String path;
    private Leaks before;

    @BeforeEach
    void open() {
        path = directory.resolve("s").toString();
        device = NetDevice.open("vhost-user:" + path);
        device.rx(0);
        device.tx(0);
        before = Leaks.now(PacketMemory.standard());
    }

    @AfterEach
    void theNextFrontEndIsServed() {
        guest.clearRings();
        try (PlayedFrontEnd front = new PlayedFrontEnd(path)) {
            front.start(guest, FEATURES);
            awaitLink();
            guest.frame(Guest.buffer(TX, 0), 60, 7);
            guest.descriptor(Guest.descriptors(TX), 0, Guest.buffer(TX, 0), VirtioNet.HEADER + 60, 0, 0);
            guest.offer(TX, 0);
            int n = 0;
            while (n == 0) {
                n = device.rx(0).receive(packets);
            }
            PacketPool.release(packets, 0, n);
        }
        awaitReason(device, "is gone");
        before.assertNoMore(PacketMemory.standard());
        device.close();
        event.close();
        guest.close();
    }

    @Test
    void truncatedMessagesAreRefused() {
        int[] requests = {
            VhostRequest.SET_FEATURES,
            VhostRequest.SET_PROTOCOL_FEATURES,
            VhostRequest.SET_MEM_TABLE,
            VhostRequest.ADD_MEM_REG,
            VhostRequest.REM_MEM_REG,
            VhostRequest.SET_VRING_NUM,
            VhostRequest.SET_VRING_ADDR,
            VhostRequest.SET_VRING_BASE,
            VhostRequest.GET_VRING_BASE,
            VhostRequest.SET_VRING_KICK,
            VhostRequest.SET_VRING_ENABLE,
            VhostRequest.GET_INFLIGHT_FD,
            VhostRequest.SET_INFLIGHT_FD,
            VhostRequest.SET_STATUS,
        };
        for (int request : requests) {
            refused(VhostMessage.ofBytes(request, new byte[7]), "truncated message: request %d,".formatted(request));
        }
        refused(VhostMessage.ofBytes(VhostRequest.SET_VRING_ADDR, new byte[39]), "truncated");
        refused(PlayedFrontEnd.table(2, guest.files, Guest.START, Guest.REGION, Guest.USER, 0), "truncated");
    }

    @Test
    void aMessageThatEndsInTheMiddleIsForgottenWithItsDescriptors() {
        refuse(
                front -> {
                    byte[] header = {VhostRequest.SET_MEM_TABLE, 0, 0, 0, 1, 0, 0, 0, 72, 0, 0, 0};
                    front.socket.send(header, 0, header.length, guest.files.get(0), guest.files.get(1));
                    front.close();
                },
                "is gone");
    }

    @Test
    void oversizedMessagesEndTheConnection() {
        refused(VhostMessage.ofBytes(VhostRequest.SET_FEATURES, new byte[VhostMessage.MAX_PAYLOAD + 1]), "is gone");
        refuse(
                front -> {
                    byte[] header = {VhostRequest.SET_FEATURES, 0, 0, 0, 1, 0, 0, 0, -1, -1, -1, -1};
                    front.socket.send(header, 0, header.length);
                },
                "is gone");
    }

    @Test
    void requestsAndFeaturesThatWereNotOfferedAreRefused() {
        int[] requests = {0, VhostRequest.SET_LOG_BASE, VhostRequest.SET_LOG_FD, VhostRequest.SEND_RARP, 99, -1};
        for (int request : requests) {
            refused(VhostMessage.ofLongs(request, 0), "not offered");
        }
        refused(VhostMessage.ofLongs(VhostRequest.SET_FEATURES, 1L << 63), "features 0x8000000000000000");
        refused(VhostMessage.ofLongs(VhostRequest.SET_PROTOCOL_FEATURES, 1L << 5), "protocol features 0x20");
    }

    @Test
    void memoryThatCannotBeIsRefused() {
        long length = Guest.REGION;
        long[][] impossible = {
            {Guest.START, 0, Guest.USER, 0},
            {Guest.START, -1, Guest.USER, 0},
            {Guest.START, Long.MIN_VALUE, Guest.USER, 0},
            {Guest.START, length + 1, Guest.USER, 0}, // than the file
            {Guest.START, length, Guest.USER, 1},
            {Guest.START, length, Guest.USER, -1},
            {Guest.START, 1, Guest.USER, Long.MAX_VALUE}, // wraps
            {-1, length, Guest.USER, 0},
            {-length, length, Guest.USER, 0},
            {Long.MAX_VALUE, length, Guest.USER, 0},
            {Guest.START, length, -1, 0},
            {Guest.START, length, Long.MAX_VALUE, 0},
            {Guest.START, 1L << 62, Guest.USER, 0},
        };
        for (long[] region : impossible) {
            refused(PlayedFrontEnd.table(1, guest.files.subList(0, 1), region), "a memory region");
        }
        refused(
                PlayedFrontEnd.table(
                        2,
                        guest.files,
                        Guest.START,
                        length,
                        Guest.USER,
                        0,
                        Guest.START + length - 1,
                        length,
                        Guest.USER + length,
                        0),
                "overlapping memory regions");
        refused(PlayedFrontEnd.table(-1, List.of()), "-1 memory regions");
        refused(PlayedFrontEnd.table(9, List.of(), new long[36]), "9 memory regions");
    }

    @Test
    void regionsOneByOneMustFitToo() {
        refuse(
                front -> {
                    front.negotiate(FEATURES);
                    front.accepted(added(Guest.START));
                    front.send(added(Guest.START));
                },
                "overlapping memory regions");
        refuse(
                front -> front.send(VhostMessage.ofLongs(VhostRequest.REM_MEM_REG, 0, 0, 1, 0, 0)),
                "the removal of a memory region that is not there");
        refuse(
                front -> {
                    front.negotiate(FEATURES);
                    for (int i = 0; i < GuestMemory.MOST_REGIONS; i++) {
                        front.accepted(added(Guest.START + i * Guest.REGION));
                    }
                    front.send(added(Guest.START + GuestMemory.MOST_REGIONS * Guest.REGION));
                },
                "more than 64 memory regions");
    }

    private VhostMessage added(long address) {
        return VhostMessage.ofLongs(VhostRequest.ADD_MEM_REG, 0, address, Guest.REGION, Guest.USER, 0)
                .withFd(guest.files.getFirst());
    }

    @Test
    void descriptorsOfTheWrongNumberOrKindAreRefused() throws IOException {
        int file = guest.files.getFirst();
        long[] region = {Guest.START, 4096, Guest.USER, 0};
        refused(PlayedFrontEnd.table(1, List.of(), region), "another number of descriptors");
        refused(PlayedFrontEnd.table(1, guest.files, region), "another number of descriptors");
        refused(PlayedFrontEnd.table(1, List.of(event.fd()), region), "no file in memory");
        int nothing = Fd.open("/dev/zero", Fd.O_RDWR);
        int folder = Fd.open(directory.toString(), Fd.O_RDONLY);
        Path disk = Files.write(Path.of("target", "a-file-on-disk"), new byte[4096]);
        int onDisk = Fd.open(disk.toString(), Fd.O_RDWR);
        int readOnly = Fd.open("/proc/self/fd/" + file, Fd.O_RDONLY);
        Leaks without = before;
        before = Leaks.now(PacketMemory.standard());
        refused(PlayedFrontEnd.table(1, List.of(nothing), region), "no file in memory");
        refused(PlayedFrontEnd.table(1, List.of(folder), region), "no file in memory");
        refused(PlayedFrontEnd.table(1, List.of(onDisk), region), "no file in memory");
        refused(PlayedFrontEnd.table(1, List.of(readOnly), region), "map 4096 bytes");
        List.of(nothing, folder, onDisk, readOnly).forEach(Fd::close);
        before = without;
        Files.delete(disk);

        for (int request :
                new int[] {VhostRequest.SET_VRING_KICK, VhostRequest.SET_VRING_CALL, VhostRequest.SET_VRING_ERR}) {
            refused(VhostMessage.ofRingFd(request, TX, file), "as an event counter");
            refused(VhostMessage.ofLongs(request, TX), "another number of descriptors");
            refused(VhostMessage.ofRingFd(request, TX | VhostRequest.NO_FD, file), "another number of descriptors");
            refused(
                    VhostMessage.ofBytes(request, new byte[8], event.fd(), event.fd()),
                    "another number of descriptors");
        }
    }

    @Test
    void descriptorsThatNobodyAskedForAreClosed() {
        try (PlayedFrontEnd front = new PlayedFrontEnd(path)) {
            front.negotiate(FEATURES);
            front.ask(VhostMessage.of(VhostRequest.GET_FEATURES));
            long open = Leaks.now(PacketMemory.standard()).descriptors();
            for (int i = 0; i < 100; i++) {
                front.accepted(VhostMessage.ofLongs(VhostRequest.SET_FEATURES, FEATURES)
                        .withFd(event.fd()));
            }
            front.ask(VhostMessage.of(VhostRequest.GET_FEATURES)); // the one before is done with
            assertThat(Leaks.now(PacketMemory.standard()).descriptors()).isEqualTo(open);
        }
    }

    @Test
    void ringsThatCannotBeAreRefused() {
        for (int size : new int[] {0, -1, 32769, Integer.MIN_VALUE}) {
            refused(VhostMessage.ofRing(VhostRequest.SET_VRING_NUM, TX, size), "a ring of %d".formatted(size));
        }
        for (int ring : new int[] {2, -1, Integer.MAX_VALUE}) {
            refused(VhostMessage.ofRing(VhostRequest.SET_VRING_ENABLE, ring, 1), "open it with more queues=");
            refused(VhostMessage.ofRing(VhostRequest.GET_VRING_BASE, ring, 1), "open it with more queues=");
        }
        refused(VhostMessage.ofLongs(VhostRequest.SET_VRING_ADDR, 1L << 32 | TX, 0, 0, 0, 0), "migration");
        refusedRing(FEATURES, 48, 0, 0, 0, 0, "ring 1 of 48 descriptors");
        long packed = FEATURES | VirtioNet.F_RING_PACKED;
        refusedRing(packed, 64, 64, 0, 0, 0, "begins at 64");
    }

    @Test
    void ringsOutsideOfMemoryAreRefused() {
        long[] outside = {
            Guest.USER - 16,
            Guest.USER + Guest.REGION,
            Guest.USER + Guest.REGION - 16, // ends behind the region
            0,
            -16,
            Long.MIN_VALUE,
            Long.MAX_VALUE & -16,
            guest.at(Guest.START), // this process's own address
        };
        long ring = Guest.USER;
        for (long address : outside) {
            refusedRing(FEATURES, 64, 0, address, ring, ring, "descriptors of a ring");
            refusedRing(FEATURES, 64, 0, ring, address, ring, "the device's part of a ring");
            refusedRing(FEATURES, 64, 0, ring, ring, address, "the driver's part of a ring");
        }
        refusedRing(FEATURES, 64, 0, ring + 8, ring, ring, "not aligned to 16");
        refusedRing(FEATURES, 64, 0, ring, ring + 2, ring, "not aligned to 4");
        refusedRing(FEATURES, 64, 0, ring, ring, ring + 1, "not aligned to 2");
    }

    private void refusedRing(long features, int size, int base, long table, long used, long available, String reason) {
        refuse(
                front -> {
                    front.negotiate(features & ~(1L << 30));
                    front.accepted(PlayedFrontEnd.table(guest));
                    front.send(VhostMessage.ofRing(VhostRequest.SET_VRING_NUM, TX, size));
                    front.send(VhostMessage.ofRing(VhostRequest.SET_VRING_BASE, TX, base));
                    front.send(VhostMessage.ofLongs(VhostRequest.SET_VRING_ADDR, TX, table, used, available, 0));
                    front.send(VhostMessage.ofRingFd(VhostRequest.SET_VRING_KICK, TX, event.fd()));
                    front.send(VhostMessage.ofRing(VhostRequest.SET_VRING_ENABLE, TX, 1));
                },
                reason);
    }

    @Test
    void notesOnChainsInFlightThatCannotBeAreRefused() {
        refused(VhostMessage.ofLongs(VhostRequest.GET_INFLIGHT_FD, 0, 0, 0), "impossible size");
        refused(VhostMessage.ofLongs(VhostRequest.GET_INFLIGHT_FD, 0, 0, 0xFFFF_0001L), "impossible size");
        refused(VhostMessage.ofLongs(VhostRequest.GET_INFLIGHT_FD, 0, 0, 64 << 16 | 3), "impossible size");
        long[][] notes = {
            {4096, 0, 0},
            {4096, 0, 0xFFFF_0002L},
            {100, 0, 64 << 16 | 2},
            {1 << 21, 0, 64 << 16 | 2},
            {4096, -1, 4 << 16}
        };
        for (long[] note : notes) {
            refuse(
                    front -> front.send(VhostMessage.ofLongs(VhostRequest.SET_INFLIGHT_FD, note)
                            .withFd(guest.files.getFirst())),
                    "was disconnected because of");
        }
    }

    @Test
    void aFrontEndThatNeverStopsTalkingKeepsNobodyWaiting() throws InterruptedException {
        try (PlayedFrontEnd front = new PlayedFrontEnd(path)) {
            byte[] owner = {VhostRequest.SET_OWNER, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
            AtomicInteger looks = new AtomicInteger();
            Thread patient = Thread.ofPlatform().start(() -> {
                while (looks.get() < 100 && !device.link().up()) {
                    looks.incrementAndGet();
                }
            });
            for (int i = 0; i < 10_000_000 && looks.get() < 100; i++) {
                front.socket.send(owner, 0, owner.length);
            }
            assertThat(looks.get()).isEqualTo(100);
            patient.join();
        }
    }

    private void refused(VhostMessage message, String reason) {
        refuse(
                front -> {
                    front.negotiate(FEATURES);
                    front.send(message);
                },
                reason);
    }

    private void refuse(Consumer<PlayedFrontEnd> play, String reason) {
        long served = connections();
        try (PlayedFrontEnd front = new PlayedFrontEnd(path)) {
            play.accept(front);
            while (connections() == served) {
                Thread.onSpinWait();
            }
            awaitReason(device, reason);
        }
        before.assertNoMore(PacketMemory.standard());
    }

    private long connections() {
        return device.statistics().details().getOrDefault("connections", 0L);
    }

    private void awaitLink() {
        assertThat(device.awaitLink(Duration.ofSeconds(10)))
                .as(() -> device.link().reason())
                .isTrue();
    }
}
